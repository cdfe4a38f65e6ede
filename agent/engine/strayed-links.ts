import type { ActingHost } from '../linux/acting-host.ts';
import { away } from '../modules/shared/link/move.ts';
import { kindOf } from '../modules/shared/link/state.ts';
import { type Row, text } from '../modules/shared/rows.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { type Move, moved, moveOf } from './moved-links.ts';
import { movedAction } from './moved-steps.ts';
import { type HostState, own, ownNetns } from './snapshot/state.ts';
import { isSame } from './vanish.ts';

/** Links that somebody has led elsewhere. */
interface Strayed {
  /** That the lab had moved to a namespace, and that have another name there since. */
  readonly renamed: readonly Move[];
  /** Virtual ones of the host that are in namespaces which the undo removes: where they are, and what they were called on the host. */
  readonly inside: readonly Move[];
}

/** To be called before the entries are undone. `before`: the host before the lab. */
export async function strayedLinks(
  oldestFirst: readonly LedgerEntry[],
  before: HostState,
  host: Pick<ActingHost, 'ip'>,
): Promise<Strayed> {
  const rowsIn = async (netns?: string) => (await host.ip(['link', 'show'], netns)).rows;
  const guards = oldestFirst.flatMap(({ guard, undo }) => (guard?.kind === 'link' && undo.some(moveOf) ? guard : []));
  const removed = oldestFirst.flatMap(({ undo: [action] }) => (action?.op === 'netns-delete' ? action.name : []));
  const links = Object.values((removed.length > 0 && own(before, ownNetns)?.items.links) || {}) as readonly Row[];
  const here = links.length > 0 ? (await rowsIn()).map(placeOf) : [];
  const gone = links.filter((row) => markOf(row) && !here.includes(placeOf(row)));
  const renamed: Move[] = [];
  const inside: Move[] = [];
  for (const netns of new Set([...guards.flatMap(({ link }) => link.netns ?? []), ...(gone.length > 0 ? removed : [])]))
    for (const row of await rowsIn(netns)) {
      const is = { netns, name: nameOf(row) };
      const guard = guards.findLast(({ link, index }) => link.netns === netns && index === row.ifindex);
      const mark = removed.includes(netns) && markOf(row);
      const lost = mark && gone.find((each) => markOf(each) === mark);
      if (guard !== undefined) {
        if (!isSame(guard.link, is)) renamed.push({ from: guard.link, to: is });
      } else if (lost) inside.push({ from: is, to: { name: nameOf(lost) } });
    }
  return { renamed, inside };
}

function nameOf(row: Row): string {
  return text(row, 'ifname') ?? '';
}

function placeOf(row: Row): string {
  return `${nameOf(row)} ${markOf(row)}`;
}

/** A link that moves may get another name and index, but keeps its MAC address. The kernel gives physical ones back. */
function markOf(row: Row): string | false | undefined {
  return row.link_type === 'ether' && kindOf(row) && `${kindOf(row)} ${text(row, 'address')}`;
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
