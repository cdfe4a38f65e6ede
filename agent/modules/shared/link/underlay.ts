import type { Host } from '../../../linux/host.ts';
import { readRows } from '../place.ts';
import { number, type Row, text } from '../rows.ts';

/**
 * The namespace that carries a tunnel's packets, as IFLA_LINK_NETNSID tells it; undefined is the host's own, or one
 * that has no name.
 */
export async function underlayOf(
  host: Pick<Host, 'ip'>,
  row: Row,
  netns: string | undefined,
): Promise<string | undefined> {
  const id = number(row, 'link_netnsid');
  if (id === undefined) return netns;
  const known = await readRows(host, netns, ['netns', 'list-id']);
  const entry = known.find((candidate) => number(candidate, 'nsid') === id);
  return entry && text(entry, 'name');
}
