import type { Host } from '../../../linux/host.ts';
import { readRows } from '../place.ts';
import { readAllRoutes } from '../route/read.ts';
import type { Route } from '../route/route.ts';
import { type Nexthop, nexthopOf } from './nexthop.ts';

/** All next hops. The kernel tells the family of one without gateway only by listing IPv6 apart. */
export async function readNexthops(host: Host, netns: string | undefined, id: number): Promise<readonly Nexthop[]> {
  const all = await readRows(host, netns, ['nexthop', 'show']);
  const own = all.find((row) => row.id === id);
  const ambiguous = own !== undefined && !('gateway' in own || 'group' in own);
  const ipv6 = ambiguous ? await readRows(host, netns, ['-6', 'nexthop', 'show']) : [];
  const ids = new Set(ipv6.map((row) => row.id));
  return all.map((row) => nexthopOf(row, ids));
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
