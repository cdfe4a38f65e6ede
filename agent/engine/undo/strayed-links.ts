import type { ActingHost } from '../../linux/acting-host.ts';
import { away } from '../../modules/shared/link/move.ts';
import { text } from '../../modules/shared/rows.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import type { Guard } from '../steps/guard.ts';
import { type Move, moved, moveOf } from '../steps/moved-links.ts';
import { movedAction } from '../steps/moved-steps.ts';
import { isSame, type LinkName, removedLink } from '../steps/vanish.ts';

/** Links of the host that a lab had moved to a namespace, and that somebody has given another name there since, by their index. */
export async function strayedLinks(
  oldestFirst: readonly LedgerEntry[],
  host: Pick<ActingHost, 'ip'>,
): Promise<readonly Move[]> {
  const guards = movedGuards(oldestFirst);
  const strayed: Move[] = [];
  for (const netns of new Set(guards.flatMap(({ link }) => link.netns ?? [])))
    for (const row of (await host.ip(['link', 'show'], netns)).rows) {
      const to = { netns, name: text(row, 'ifname') ?? '' };
      const guard = guards.findLast(({ link, index }) => link.netns === netns && index === row.ifindex);
      if (guard !== undefined && !isSame(guard.link, to)) strayed.push({ from: guard.link, to });
    }
  return strayed;
}

/** Of links that the lab had not made itself. */
function movedGuards(oldestFirst: readonly LedgerEntry[]): readonly (Guard & { kind: 'link' })[] {
  const made: LinkName[] = [];
  return oldestFirst.flatMap(({ guard, undo }) => {
    made.push(...undo.flatMap((action) => removedLink(action) ?? []));
    const move = undo.map(moveOf).find((each) => each !== undefined);
    if (move === undefined || guard?.kind !== 'link') return [];
    if (!made.some((link) => isSame(link, move.to))) return guard;
    made.push(move.from);
    return [];
  });
}

/** The entry by the new name of a link. */
export function byNewName(entry: LedgerEntry, rename: Move): LedgerEntry {
  const { guard } = entry;
  const undo = entry.undo.map((action) => {
    const move = moveOf(action);
    return move && isSame(move.from, rename.from) ? away(rename.to, move.to) : movedAction(action, rename);
  });
  return { ...entry, undo, guard: guard?.kind === 'link' ? { ...guard, link: moved(guard.link, rename) } : guard };
}
