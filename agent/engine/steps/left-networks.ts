import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { addressRow } from '../../modules/shared/address/address.ts';
import { cidrText, networkOf, parseCidr } from '../../modules/shared/ip-address.ts';
import { routeAction, routeBack } from '../../modules/shared/route/action.ts';
import { type Route, routeOf } from '../../modules/shared/route/route.ts';
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

/** What there is to know of an address that is to be added, for it to be taken away again. */
interface NetworkAlong {
  /** The route that comes with it; undefined: none, or it is there already. */
  readonly network?: Network;
  /** Brings back the one that no address asked for before it: it will go along with this one. */
  readonly back: readonly Action[];
}

/** To be called before the action is carried out. */
export async function networkAlong(action: Action, host: ActingHost): Promise<NetworkAlong> {
  if (action.op !== 'ip' || action.args[0] !== 'address' || action.args[1] !== 'add') return { back: [] };
  const { args, netns } = action;
  const [, prefix] = after(args, 'peer')?.split('/') ?? [];
  const cidr = parseCidr(prefix === undefined ? (args[2] ?? '') : `${args[2]}/${prefix}`);
  const dev = after(args, 'dev');
  if (cidr?.family !== 6 || dev === undefined || args.includes('noprefixroute')) return { back: [] };
  const metric = Number(after(args, 'metric') ?? usualMetric);
  const network = { dst: cidrText(networkOf(cidr)), dev, metric };
  const there = await routesTo(network, netns, host);
  if (there.length === 0) return { network, back: [] };
  const isLeft = (await isAsked(network, netns, host)) === false;
  return { back: isLeft ? there.map((row) => routeBack(routeOn(row, network), netns)) : [] };
}

/** Whether an address asks for the route; undefined: the link is gone. */
async function isAsked({ dst, dev, metric }: Network, netns: string | undefined, host: ActingHost) {
  const [link] = (await host.ip(['address', 'show', 'dev', dev], netns)).rows;
  if (link === undefined) return undefined;
  return rows(link, 'addr_info').some((row) => {
    const address = addressRow(row, dev);
    const isIn = address.family === 6 && cidrText(networkOf(address)) === dst;
    return isIn && address.noprefixroute !== true && (address.metric ?? usualMetric) === metric;
  });
}

function routeOn(row: Row, { dev }: Network): Route {
  return routeOf({ dev, protocol: 'kernel', ...row }, 6, text(row, 'table') ?? 'main');
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
  if ((await isAsked(network, netns, host)) !== false) return [];
  return (await routesTo(network, netns, host)).map((row) => routeAction('delete', routeOn(row, network), netns));
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
