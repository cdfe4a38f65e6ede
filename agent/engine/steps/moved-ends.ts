import type { Host } from '../../linux/host.ts';
import { knownKind } from '../../modules/shared/link/kind.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { farPlace } from './far-place.ts';
import type { LinkName } from './vanish.ts';

/** Where links would be by now, as their rows are asked for. */
interface Moves {
  readonly ip: Host['ip'];
  readonly nowOf: (real: LinkName) => LinkName | undefined;
  /** The number by which every namespace would know this one. */
  readonly idOf: (netns: string | undefined) => number;
}

/**
 * A link's row with its other end, parent or outer packets where they would be, once it or they have moved: by name in the same
 * namespace, by index and number elsewhere, as ip shows them. `was` is its row on the host, in the namespace `from`.
 */
export async function withOtherEnd(
  row: Row,
  was: Row,
  [from, to]: readonly [string | undefined, string | undefined],
  { ip, nowOf, idOf }: Moves,
): Promise<Row> {
  const index = number(was, 'link_index');
  const shown = text(was, 'link');
  const far = 'link_netnsid' in was ? await farPlace(was, from, { ip }) : { netns: from };
  if (far === undefined) return row;
  const linksThere = async () => (await ip(['link', 'show'], far.netns)).rows;
  const found = index && (await linksThere()).find((each) => number(each, 'ifindex') === index);
  const name = shown ?? (found ? text(found, 'ifname') : undefined);
  if (name === undefined && knownKind(kindOf(was))?.underlay !== 'shown') return row;
  const now = name === undefined ? far : nowOf({ netns: far.netns, name });
  if (now === undefined || (now.netns === far.netns && from === to)) return row;
  const { link: _, link_index: __, link_netnsid: ___, ...own } = row;
  if (now.netns === to) return 'name' in now ? { ...own, link: now.name } : own;
  const other = index ?? number((await linksThere()).find((each) => text(each, 'ifname') === name) ?? {}, 'ifindex');
  return { ...own, ...(other === undefined ? {} : { link_index: other }), link_netnsid: idOf(now.netns) };
}
