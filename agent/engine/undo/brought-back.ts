import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { sysctlPath } from '../../linux/ip/names.ts';
import { deleteLink } from '../../modules/shared/link/actions.ts';
import { fixedLinks } from '../../modules/shared/link/fixed.ts';
import { placed } from '../../modules/shared/place.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { deviceOf } from '../../modules/shared/sysctl.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import { netnsName } from '../snapshot/state.ts';
import { carrierMs } from '../steps/apply-inverse.ts';
import { type Guard, linkIndex, netnsAsLink, observedGuard } from '../steps/guard.ts';
import { isMadeAgain } from '../steps/made-again.ts';
import { broughtBy, type Move, moveOf } from '../steps/moved-links.ts';
import { linksOf } from '../steps/touched.ts';
import { isSame, type LinkName, removedLink, vanishesWith } from '../steps/vanish.ts';
import { byNewName, strayedLinks } from './strayed-links.ts';

/**
 * Links that the inverses of one undo have made again or moved back: theirs is another index than the lab knew, their sysctls
 * have begun anew, and they are its own.
 */
export class BroughtBack {
  readonly links = new Set<string>();
  /** Names that they would have made free. */
  private readonly freed = new Set<string>();
  /** Those that could not be brought back yet. */
  private readonly missed = new Map<string, Move>();
  private readonly renamed: Move[] = [];
  private changedMs = performance.now();

  /** Until when carriers may come by what was done to links. */
  get carriedBy(): number {
    return this.changedMs + carrierMs;
  }

  /** The action was carried out. */
  note(action: Action): void {
    if (linksOf(action).length > 0) this.changedMs = performance.now();
    for (const link of madeBy(action)) {
      this.links.add(keyOf(link));
      this.missed.delete(keyOf(link));
    }
  }

  /** The actions were not all carried out. */
  miss(actions: readonly Action[]): void {
    for (const action of actions)
      for (const to of broughtBy(action))
        if (!this.links.has(keyOf(to))) this.missed.set(keyOf(to), { from: moveOf(action)?.from ?? to, to });
  }

  /** Those that are not back. */
  get missing(): readonly LinkName[] {
    return [...this.missed.values()].map(({ to }) => to);
  }

  /** Why the actions have to wait for a link that is not back: by its name there may be another one, or a namespace would take it along. */
  waiting(actions: readonly Action[]): string | undefined {
    const own = actions.flatMap(broughtBy);
    for (const { from, to } of this.missed.values()) {
      if (own.some((link) => isSame(link, to))) continue;
      const spaces = from.netns === to.netns ? [] : [from.netns, to.netns];
      for (const action of actions) {
        if (action.op === 'netns-delete' && spaces.includes(action.name))
          return `${from.name} would go with it, and has to come out of it first`;
        if (vanishesWith(action, deleteLink(to.netns, to.name))) return `${to.name} has not come back yet`;
      }
    }
    return undefined;
  }

  /** Notes what the actions would bring back; false when they would find nothing. Throws as isThere. */
  async foretell(actions: readonly Action[], host: ActingHost): Promise<boolean> {
    let found = false;
    for (const [at, action] of actions.entries()) {
      if ((await this.isThere(actions.slice(at), host)) === undefined) continue;
      this.note(action);
      const all = action.op === 'netns-delete' ? { netns: action.name, name: '' } : undefined;
      for (const link of [removedLink(action), moveOf(action)?.from, all]) if (link) this.freed.add(keyOf(link));
      found = true;
    }
    return found;
  }

  /**
   * Whether the link or namespace that the first of the actions is to make is back already: an agent that was killed had made it.
   * Undefined: there is none to move. Throws OrchError when another link has its name.
   */
  async isThere(actions: readonly Action[], host: ActingHost): Promise<boolean | undefined> {
    const [action] = actions;
    if (action === undefined) return false;
    if (action.op === 'netns-add') return isNewNetns(action.name, host);
    const from = moveOf(action)?.from;
    if (from && !this.links.has(keyOf(from)) && (await linkIndex(from, host)) === undefined) return undefined;
    const links = broughtBy(action);
    // With one end of a pair goes the other.
    if (links.some((link) => this.freed.has(keyOf(link)))) return false;
    for (const link of links) {
      const { netns, name } = link;
      const [row] = (await host.ip(['link', 'show', 'dev', name], netns)).rows;
      if (row === undefined || this.goesAlong(row, netns)) continue;
      if (!from && link === links[0] && (await isMadeAgain(actions, link, row, host))) return true;
      const summary = `another link is called ${placed(netns, name)}: rename that one, and try again`;
      throw new OrchError({ code: 'command-failed', summary });
    }
    return false;
  }

  /** Whether a link would be gone with what is foretold to be: its namespace, its other end, or what it stands on. */
  private goesAlong(row: Row, netns: string | undefined): boolean {
    const end = text(row, 'link');
    if (this.freed.has(keyOf({ netns, name: '' })) || (end && this.freed.has(keyOf({ netns, name: end })))) return true;
    // In which namespace that is takes many queries: no failure is foretold that may not come.
    return this.freed.size > 0 && number(row, 'link_netnsid') !== undefined;
  }

  /** Looks for links that somebody has renamed, before the entries are undone. */
  async look(oldestFirst: readonly LedgerEntry[], host: ActingHost): Promise<void> {
    this.renamed.push(...(await strayedLinks(oldestFirst, host)));
  }

  /** The entry by the names that its links have by now. */
  named(entry: LedgerEntry): LedgerEntry {
    return this.renamed.reduce(byNewName, entry);
  }

  /** An entry with the index that its link has since it was brought back. */
  async asItIsNow(entry: LedgerEntry, host: ActingHost): Promise<LedgerEntry> {
    const [action] = entry.undo;
    if (action === undefined || entry.guard?.kind !== 'link' || !this.has(entry.guard)) return entry;
    return { ...entry, guard: (await observedGuard({ ...entry, action }, host)) ?? entry.guard };
  }

  /** As ip shows those that are there. */
  async rows(host: ActingHost): Promise<readonly { readonly netns: string; readonly row: Row }[]> {
    const found = [...this.links].map(async (key) => {
      const slash = key.indexOf('/');
      const [netns, name] = [key.slice(0, slash), key.slice(slash + 1)];
      if (name === netnsAsLink(netns).name) return [];
      const { rows } = await host.ip(['link', 'show', 'dev', name], netnsName(netns));
      return rows.map((row) => ({ netns, row }));
    });
    return (await Promise.all(found)).flat();
  }

  has(guard: Guard | undefined): boolean {
    if (guard?.kind === 'link') return this.links.has(keyOf(guard.link));
    if (guard?.kind !== 'sysctl') return false;
    const name = deviceOf(sysctlPath(guard.key));
    return name !== undefined && this.links.has(keyOf({ netns: guard.netns, name }));
  }
}

/** Whether a namespace is there that has nothing but what the kernel puts into each. */
async function isNewNetns(netns: string, host: ActingHost): Promise<boolean> {
  if (!(await host.netnsNames()).includes(netns)) return false;
  const names = (await host.ip(['link', 'show'], netns)).rows.map((row) => text(row, 'ifname') ?? '');
  return names.every((name) => name === 'lo' || fixedLinks.has(name));
}

/** The links that an action makes or moves, and the namespace. */
export function madeBy(action: Action): readonly LinkName[] {
  return action.op === 'netns-add' ? [netnsAsLink(action.name)] : broughtBy(action);
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
