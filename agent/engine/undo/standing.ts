import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import type { Ledger } from '../books/ledger.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import { inheritances } from '../books/sharing.ts';
import { farPlace, type Place } from '../steps/far-place.ts';
import { type LinkName, removedLink, vanishesWith } from '../steps/vanish.ts';

interface Stood {
  readonly lab: string;
  readonly object: string;
  readonly on: string;
}

/**
 * Throws OrchError 'lab-conflict' when other labs' things stand on what a lab made, and would go away with it: inside its
 * namespaces, on its links, enslaved to them. Nothing has been undone then. `heirs`: whose each change becomes that is not
 * undone.
 */
export async function refuseStanding(
  ledger: Ledger,
  others: readonly Ledger[],
  heirs: ReadonlyMap<LedgerEntry, Ledger>,
  host: ActingHost,
): Promise<void> {
  const found = await standing(ledger, others, heirs, host);
  const [first] = found;
  if (first === undefined) return;
  const labs = [...new Set(found.map(({ lab }) => lab))];
  const inTurn = others
    .filter(({ lab }) => labs.includes(lab))
    .map(async (other) => standing(other, [ledger], inheritances(other, [ledger]), host));
  const [own] = (await Promise.all(inTurn)).flat();
  throw new OrchError({
    code: 'lab-conflict',
    summary: `${first.object} of lab ${first.lab} stands on ${first.on} of lab ${ledger.lab} and would go with it; nothing was undone.`,
    detail: found.map(({ lab, object, on }) => `lab ${lab}: ${object} on ${on}`).join('\n'),
    hint:
      own === undefined
        ? `Destroy lab ${labs.join(' and lab ')} first.`
        : `They stand on each other: ${own.object} of this lab on ${own.on}. Run it with that link out of there (absent, or master: ''), then destroy the other first.`,
  });
}

/** What of other labs stands on what a lab made. */
async function standing(
  ledger: Ledger,
  others: readonly Ledger[],
  heirs: ReadonlyMap<LedgerEntry, Ledger>,
  host: ActingHost,
): Promise<readonly Stood[]> {
  const goes = ledger.changes.filter((entry) => !heirs.has(entry));
  const removals = goes.flatMap((entry) => entry.undo.filter(isRemoval).map((action) => ({ entry, action })));
  const found: Stood[] = [];
  for (const other of others) {
    const inherited = [...heirs].flatMap(([entry, heir]) => (heir === other ? [entry] : []));
    for (const theirs of [...other.changes, ...inherited]) {
      const on = removals.find(({ action }) => theirs.undo.some((undo) => vanishesWith(undo, action)));
      const below = on?.entry ?? (await linkBelow(theirs, removals, host));
      if (below !== undefined) found.push({ lab: other.lab, object: theirs.object, on: below.object });
    }
  }
  return found;
}

function isRemoval(action: Action): boolean {
  return action.op === 'netns-delete' || removedLink(action) !== undefined;
}

/** The entry that made the parent or master of a link which the other lab made, or the namespace that its other end is in. */
async function linkBelow(
  theirs: LedgerEntry,
  removals: readonly { readonly entry: LedgerEntry; readonly action: Action }[],
  host: ActingHost,
): Promise<LedgerEntry | undefined> {
  const link = theirs.undo.map(removedLink).find((each) => each !== undefined);
  if (link === undefined) return undefined;
  const row = (await host.ip(['link', 'show', 'dev', link.name], link.netns)).rows[0];
  if (row === undefined) return undefined;
  const far = await farPlace(row, link.netns, host);
  return removals.find(({ entry, action }) => isBelow(action, entry, { ...link, row, far }))?.entry;
}

/** True when the link goes with what the removal takes away. */
function isBelow(
  removal: Action,
  { guard }: LedgerEntry,
  { netns, row, far }: LinkName & { readonly row: Row; readonly far: Place | undefined },
): boolean {
  if (removal.op === 'netns-delete') return far?.netns === removal.name;
  const below = removedLink(removal);
  if (below === undefined) return false;
  if (below.netns === netns) return [text(row, 'master'), text(row, 'link')].includes(below.name);
  const index = number(row, 'link_index');
  return far !== undefined && far.netns === below.netns && guard?.kind === 'link' && index === guard.index;
}
