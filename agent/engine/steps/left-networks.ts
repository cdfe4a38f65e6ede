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
  /**
   * Brings back those that no address asked for before it: one of them will go along with this one, and not by its metric, but the
   * first (cleanup_prefix_route() in net/ipv6/addrconf.c).
   */
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
  const asked = there.length === 0 ? undefined : await metricsAsked(network, netns, host);
  const back = there
    .filter((row) => asked?.has(metricOf(row)) === false)
    .map((row) => routeBack(routeOn(row, network), netns));
  return there.some((row) => metricOf(row) === metric) ? { back } : { network, back };
}

const metricOf = (row: Row): number => number(row, 'metric') ?? usualMetric;

/** By which metrics addresses ask for routes to the network; undefined: the link is gone. */
async function metricsAsked({ dst, dev }: Network, netns: string | undefined, host: ActingHost) {
  const [link] = (await host.ip(['address', 'show', 'dev', dev], netns)).rows;
  if (link === undefined) return undefined;
  const addresses = rows(link, 'addr_info').map((row) => addressRow(row, dev));
  const asking = addresses.filter(
    (address) => address.family === 6 && cidrText(networkOf(address)) === dst && address.noprefixroute !== true,
  );
  return new Set(asking.map(({ metric }) => metric ?? usualMetric));
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
  const asked = await metricsAsked(network, netns, host);
  if (asked?.has(network.metric) !== false) return [];
  const left = (await routesTo(network, netns, host)).filter((row) => metricOf(row) === network.metric);
  return left.map((row) => routeAction('delete', routeOn(row, network), netns));
}

/** By any metric. Those that have a time are of an advertisement. */
async function routesTo({ dst, dev }: Network, netns: string | undefined, host: ActingHost): Promise<readonly Row[]> {
  const words = ['-6', 'route', 'show', 'exact', dst, 'dev', dev, 'proto', 'kernel', 'table', 'all'];
  const shown = (await host.ip(words, netns)).rows;
  return shown.filter((row) => !('expires' in row) && row.type !== 'anycast');
}
