import type { Host } from '../../../linux/host.ts';
import { readAllRoutes } from '../route/read.ts';
import type { Route } from '../route/route.ts';
import type { Row } from '../rows.ts';
import { type Nexthop, nexthopOf } from './nexthop.ts';

/**
 * All next hops as ip shows them, with the `family` of those that no gateway tells it of: the kernel tells it only by listing
 * IPv6 apart.
 */
export async function nexthopRows(host: Pick<Host, 'ip'>, netns: string | undefined): Promise<readonly Row[]> {
  const { rows: all } = await host.ip(['nexthop', 'show'], netns);
  const isOpen = (row: Row) => !('gateway' in row || 'group' in row);
  if (!all.some(isOpen)) return all;
  const ipv6 = new Set((await host.ip(['-6', 'nexthop', 'show'], netns)).rows.map((row) => row.id));
  return all.map((row) => (isOpen(row) ? { ...row, family: ipv6.has(row.id) ? 6 : 4 } : row));
}

export async function readNexthops(host: Host, netns: string | undefined): Promise<readonly Nexthop[]> {
  return (await nexthopRows(host, netns)).map(nexthopOf);
}

interface Users {
  /** Groups that it is in. */
  readonly groups: readonly Nexthop[];
  /** Routes by it, or by a group that has no other. */
  readonly routes: readonly Route[];
}

/** What the kernel changes or deletes with a next hop. */
export async function readUsers(
  host: Host,
  netns: string | undefined,
  id: number,
  all: readonly Nexthop[],
): Promise<Users> {
  const groups = all.filter((nexthop) => nexthop.group.some((member) => member.id === id));
  const gone = new Set([id, ...groups.filter((group) => group.group.length === 1).map((group) => group.id)]);
  const routes = [...(await readAllRoutes(host, netns, 4)), ...(await readAllRoutes(host, netns, 6))];
  return { groups, routes: routes.filter((route) => route.nhid !== undefined && gone.has(route.nhid)) };
}
