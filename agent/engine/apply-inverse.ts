import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { after, ipWords } from './snapshot/touched.ts';
import { unlessRefused } from './unless-refused.ts';

/** The kernel waits for at most a second before it tells of carriers. */
const carrierTries = 30;
const carrierTryMs = 50;

/**
 * Carries out what brings something back that was there: the kernel may have kept it where it takes no such thing anew. `patient`:
 * waits for the carrier of its link. Throws OrchError as host.apply does.
 */
export async function applyInverse(action: Action, host: ActingHost, patient = false): Promise<void> {
  const apply = () => (patient ? onceCarried(() => host.apply(action)) : host.apply(action));
  const ways = waysToGateways(action);
  if (ways.length === 0) return apply();
  // An agent that was killed may have left some.
  const there: Way[] = [];
  for (const way of ways) if (await isThere(way, host)) there.push(way);
  try {
    await apply();
  } catch (error) {
    if (!(error instanceof OrchError) || !unreached.test(error.summary)) throw error;
    for (const way of ways) if (await unlessRefused(() => host.apply(wayAction('add', way)))) there.push(way);
    if (there.length === 0) throw error;
    await apply();
  } finally {
    for (const way of there) await unlessRefused(() => host.apply(wayAction('delete', way)));
  }
}

/** The carrier of a bridge comes a moment after that of its port: by the kernel's worker (net/core/link_watch.c). */
async function onceCarried(act: () => Promise<void>): Promise<void> {
  for (let tries = carrierTries; ; tries--) {
    try {
      return await act();
    } catch (error) {
      const isLate = error instanceof OrchError && error.summary.includes('Carrier for nexthop device is down');
      if (!isLate || tries === 0) throw error;
      await sleep(carrierTryMs);
    }
  }
}

/** fib_check_nh_v4_gw() in net/ipv4/fib_semantics.c, ip6_route_check_nh() in net/ipv6/route.c. */
const unreached = /Nexthop has invalid gateway|Network is unreachable|No route to host/;

/** A route to a gateway that stands only while another one is put back. */
interface Way {
  readonly netns: string | undefined;
  readonly family: '-4' | '-6';
  readonly words: readonly string[];
}

/** Nobody else's: rt_protos(5) and routing daemons have other numbers, and beside any route there may be one of another metric. */
const [protocol, metric] = ['219', '2190'];

function wayAction(verb: 'add' | 'delete', { netns, family, words }: Way): Action {
  return { op: 'ip', netns, args: [family, 'route', verb, ...words, 'metric', metric, 'proto', protocol] };
}

async function isThere({ netns, family, words }: Way, host: ActingHost): Promise<boolean> {
  return (await host.ip([family, 'route', 'show', 'exact', ...words, 'proto', protocol], netns)).rows.length > 0;
}

/**
 * Routes to the gateways of a route or next hop that is put back. It stays when what led to its gateway goes: an address that is
 * told to have no route to its network any more, or a route that somebody removes.
 */
function waysToGateways(action: Action): readonly Way[] {
  if (action.op !== 'ip') return [];
  const { netns, args } = action;
  const [object = '', verb = ''] = ipWords(args);
  if (!['route', 'nexthop'].includes(object) || verb.startsWith('del')) return [];
  const table = after(args, 'table') ?? 'main';
  return args.flatMap((word, at): Way[] => {
    const rest = args.slice(at + 1);
    const [gateway, dev] = [rest.find((each) => !/^inet6?$/.test(each)), after(rest, 'dev')];
    if (word !== 'via' || gateway === undefined || dev === undefined) return [];
    return [{ netns, family: gateway.includes(':') ? '-6' : '-4', words: [gateway, 'dev', dev, 'table', table] }];
  });
}
