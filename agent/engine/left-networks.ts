import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { addressRow } from '../modules/shared/address/address.ts';
import { cidrText, networkOf, parseCidr } from '../modules/shared/ip-address.ts';
import { routeAction } from '../modules/shared/route/action.ts';
import { routeOf } from '../modules/shared/route/route.ts';
import { number, rows } from '../modules/shared/rows.ts';
import { after } from './snapshot/touched.ts';

/** Of a route of an address that names none (IP6_RT_PRIO_ADDRCONF in include/net/ip6_route.h). */
const usualMetric = 256;

/**
 * To be called once actions have taken IPv6 addresses away: what removes the routes to their networks that no address there asks
 * for any more. The kernel keeps one while another address of the network is there, even one that has none
 * (check_cleanup_prefix_route in net/ipv6/addrconf.c).
 */
export async function leftNetworks(actions: readonly Action[], host: ActingHost): Promise<readonly Action[]> {
  const removals: Action[] = [];
  for (const action of actions) {
    if (action.op !== 'ip' || action.args[0] !== 'address' || action.args[1] !== 'delete') continue;
    const [dev, cidr] = [after(action.args, 'dev') ?? '', parseCidr(action.args[2] ?? '')];
    if (cidr?.family !== 6) continue;
    const { netns } = action;
    const network = cidrText(networkOf(cidr));
    const [link] = (await host.ip(['address', 'show', 'dev', dev], netns)).rows;
    if (link === undefined) continue;
    const asked = rows(link, 'addr_info')
      .map((row) => addressRow(row, dev))
      .filter((row) => !row.noprefixroute && row.family === 6 && cidrText(networkOf({ ...row })) === network);
    const metrics = asked.map(({ metric = usualMetric }) => metric);
    const shown = await host.ip(['-6', 'route', 'show', 'exact', network, 'dev', dev, 'proto', 'kernel'], netns);
    const left = shown.rows.filter((row) => !metrics.includes(number(row, 'metric') ?? usualMetric));
    removals.push(...left.map((row) => routeAction('delete', routeOf({ dev, ...row }, 6, 'main'), netns)));
  }
  return removals;
}
