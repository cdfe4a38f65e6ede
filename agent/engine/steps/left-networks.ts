import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { addressRow } from '../../modules/shared/address/address.ts';
import { cidrText, networkOf, parseCidr } from '../../modules/shared/ip-address.ts';
import { routeAction } from '../../modules/shared/route/action.ts';
import { routeOf } from '../../modules/shared/route/route.ts';
import { number, type Row, rows, text } from '../../modules/shared/rows.ts';
import { after } from './touched.ts';

/** A route to the network of an IPv6 address, as the kernel makes it along with that. */
export interface Network {
  readonly dst: string;
  readonly dev: string;
  readonly metric: number;
}

/** Of one that names none (IP6_RT_PRIO_ADDRCONF in include/net/ip6_route.h). */
export const usualMetric = 256;

/** The route that comes with an address which is to be added; undefined: none, or it is there already. */
export async function newNetwork(action: Action, host: ActingHost): Promise<Network | undefined> {
  if (action.op !== 'ip' || action.args[0] !== 'address' || action.args[1] !== 'add') return undefined;
  const { args, netns } = action;
  const [cidr, dev] = [parseCidr(after(args, 'peer') ?? args[2] ?? ''), after(args, 'dev')];
  if (cidr?.family !== 6 || dev === undefined || args.includes('noprefixroute')) return undefined;
  const metric = Number(after(args, 'metric') ?? usualMetric);
  const network = { dst: cidrText(networkOf(cidr)), dev, metric };
  return (await routesTo(network, netns, host)).length > 0 ? undefined : network;
}

/**
 * To be called once an address was taken away: what removes the route that came with it, unless another address asks for it. The
 * kernel keeps it while another one of the network is there, even one that has none or one of another metric
 * (check_cleanup_prefix_route in net/ipv6/addrconf.c).
 */
export async function leftNetwork(
  network: Network,
  netns: string | undefined,
  host: ActingHost,
): Promise<readonly Action[]> {
  const [link] = (await host.ip(['address', 'show', 'dev', network.dev], netns)).rows;
  const asks = rows(link ?? {}, 'addr_info').some((row) => {
    const { noprefixroute, metric = usualMetric, ...address } = addressRow(row, network.dev);
    const end = parseCidr(`${address.peer ?? address.address}/${address.prefix}`);
    const isIn = end !== undefined && cidrText(networkOf(end)) === network.dst;
    return isIn && noprefixroute !== true && metric === network.metric;
  });
  if (link === undefined || asks) return [];
  const left = await routesTo(network, netns, host);
  return left.map((row) =>
    routeAction('delete', routeOf({ dev: network.dev, ...row }, 6, text(row, 'table') ?? 'main'), netns),
  );
}

/** Those that have a time are of an advertisement. */
async function routesTo(
  { dst, dev, metric }: Network,
  netns: string | undefined,
  host: ActingHost,
): Promise<readonly Row[]> {
  const words = ['-6', 'route', 'show', 'exact', dst, 'dev', dev, 'proto', 'kernel', 'table', 'all'];
  const shown = (await host.ip(words, netns)).rows;
  return shown.filter(
    (row) => (number(row, 'metric') ?? usualMetric) === metric && !('expires' in row) && row.type !== 'anycast',
  );
}
