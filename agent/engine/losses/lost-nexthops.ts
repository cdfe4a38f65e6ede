import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { type Nexthop, nexthopAction, nexthopOf } from '../../modules/shared/nexthop/nexthop.ts';
import { nexthopRows } from '../../modules/shared/nexthop/read.ts';
import { routeAction } from '../../modules/shared/route/action.ts';
import { routeOf } from '../../modules/shared/route/route.ts';
import { text } from '../../modules/shared/rows.ts';
import { carriedBy } from '../snapshot/carriers.ts';
import { ownNetns } from '../snapshot/state.ts';
import { farPlace } from '../steps/far-place.ts';
import { ifMissing, type Place } from './lost-with-link.ts';

/** Brings back the next hops that the kernel drops with the carrier of a link, there and where others have theirs by it. */
export async function nexthopsBack({ netns, dev }: Place, host: ActingHost): Promise<readonly Action[]> {
  const [link] = (await host.ip(['link', 'show', 'dev', dev], netns)).rows;
  const far = link && (await farPlace(link, netns, host));
  const spaces = [...new Set([netns, ...(far === undefined ? [] : [far.netns])])];
  const known = await Promise.all(
    spaces.map(async (name) => ({ name, nexthops: (await nexthopRows(host, name)).map(nexthopOf) })),
  );
  // Most hosts have none, and some have thousands of links.
  if (known.every(({ nexthops }) => nexthops.length === 0)) return [];
  const links = await Promise.all(
    spaces.map(async (name) => [name ?? ownNetns, (await host.ip(['link', 'show'], name)).rows] as const),
  );
  const carried = carriedBy({ netns: netns ?? ownNetns, dev }, Object.fromEntries(links));
  const found = known.map(({ name, nexthops }) => {
    const devs = carried.flatMap((each) => (each.netns === (name ?? ownNetns) ? [each.dev] : []));
    return backOn(new Set(devs), nexthops, name, host);
  });
  return (await Promise.all(found)).flat();
}

/** The next hops of these links, the groups that they are in, and the routes by either. */
async function backOn(
  devs: ReadonlySet<string>,
  all: readonly Nexthop[],
  netns: string | undefined,
  host: ActingHost,
): Promise<readonly Action[]> {
  const own = all.filter(({ dev }) => dev !== undefined && devs.has(dev));
  if (own.length === 0) return [];
  const ids = new Set(own.map(({ id }) => id));
  const groups = all.filter(({ group }) => group.some(({ id }) => ids.has(id)));
  for (const { id } of groups) ids.add(id);
  const routes = ([4, 6] as const).map(async (family) => {
    const { rows } = await host.ip([`-${family}`, 'route', 'show', 'table', 'all'], netns);
    return rows.map((row) => routeOf(row, family, text(row, 'table') ?? 'main'));
  });
  const by = (await Promise.all(routes)).flat().filter(({ nhid }) => nhid !== undefined && ids.has(nhid));
  return [
    ...own.map((nexthop) => ifMissing(nexthopAction('add', nexthop, netns))),
    ...groups.map((group) => nexthopAction('replace', group, netns)),
    ...by.map((route) => ifMissing(routeAction('add', route, netns))),
  ];
}
