import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { sysctlPath } from '../linux/names.ts';
import { deleteLink } from '../modules/shared/link/actions.ts';
import { deviceOf } from '../modules/shared/sysctl.ts';
import { type Guard, linkIndex, observedGuard } from './guard.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { moveOf } from './moved-links.ts';
import { addedLinks, type LinkName, vanishesWith } from './vanish.ts';

/**
 * Links that the inverses of one undo have made again or moved back: theirs is another index than the lab knew, their sysctls
 * have begun anew, and they are its own.
 */
export class BroughtBack {
  readonly links = new Set<string>();
  /** Those that could not be moved back yet. */
  private readonly missed = new Map<string, LinkName>();

  /** The action was carried out. */
  note(action: Action): void {
    for (const link of [...addedLinks(action), moveOf(action)?.to ?? []].flat()) {
      this.links.add(keyOf(link));
      this.missed.delete(keyOf(link));
    }
  }

  /** The actions were not all carried out. */
  miss(actions: readonly Action[]): void {
    for (const { to } of actions.flatMap((action) => moveOf(action) ?? [])) this.missed.set(keyOf(to), to);
  }

  /** The link that the actions are about and that is not back: by its name there may be another one. */
  missing(actions: readonly Action[]): LinkName | undefined {
    const isAbout = ({ netns, name }: LinkName) =>
      actions.some((action) => vanishesWith(action, deleteLink(netns, name)));
    return [...this.missed.values()].find(isAbout);
  }

  /** Notes what the actions would bring back; false when they would find nothing: a link that is to move has to be there. */
  async foretell(actions: readonly Action[], host: ActingHost): Promise<boolean> {
    let found = false;
    for (const action of actions) {
      const from = moveOf(action)?.from;
      if (from && !this.links.has(keyOf(from)) && (await linkIndex(from, host)) === undefined) continue;
      this.note(action);
      found = true;
    }
    return found;
  }

  /** An entry with the index that its link has since it was brought back. */
  async asItIsNow(entry: LedgerEntry, host: ActingHost): Promise<LedgerEntry> {
    const [action] = entry.undo;
    if (action === undefined || !this.has(entry.guard)) return entry;
    return { ...entry, guard: (await observedGuard({ ...entry, action }, host)) ?? entry.guard };
  }

  has(guard: Guard | undefined): boolean {
    if (guard?.kind === 'link') return this.links.has(keyOf(guard.link));
    if (guard?.kind !== 'sysctl') return false;
    const name = deviceOf(sysctlPath(guard.key));
    return name !== undefined && this.links.has(keyOf({ netns: guard.netns, name }));
  }
}

/** Entries of links that inverses have just brought back, as they are now: an agent that goes on after a crash has to know them. */
export async function knownSince(
  undone: readonly Action[],
  log: { readonly entries: readonly LedgerEntry[] },
  host: ActingHost,
): Promise<readonly LedgerEntry[]> {
  const back = new BroughtBack();
  for (const action of undone) back.note(action);
  // Sorting thousands of entries takes its time.
  if (back.links.size === 0) return [];
  const theirs = log.entries.filter(({ guard }) => guard?.kind === 'link' && back.has(guard));
  return Promise.all(theirs.map((entry) => back.asItIsNow(entry, host)));
}

function keyOf({ netns, name }: LinkName): string {
  return `${netns ?? ''}/${name}`;
}
