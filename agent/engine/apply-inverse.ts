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
 * Carries out what brings something back that was there: the kernel may have kept it where it takes no such thing anew. Throws
 * OrchError as host.apply does.
 */
export async function applyInverse(action: Action, host: ActingHost): Promise<void> {
  try {
    await onceCarried(() => host.apply(action));
  } catch (error) {
    const ways = error instanceof OrchError && unreached.test(error.summary) ? waysToGateways(action) : [];
    const added: Action[] = [];
    for (const way of ways) if (await unlessRefused(() => host.apply(way('add')))) added.push(way('delete'));
    if (added.length === 0) throw error;
    try {
      await onceCarried(() => host.apply(action));
    } finally {
      for (const way of added) await unlessRefused(() => host.apply(way));
    }
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

/**
 * Routes to the gateways of a route or next hop. It stays when what led to its gateway goes: an address that is told to have no
 * route to its network any more, or a route that somebody removes.
 */
function waysToGateways(action: Action): readonly ((verb: 'add' | 'delete') => Action)[] {
  if (action.op !== 'ip' || !/^(route|nexthop)$/.test(ipWords(action.args)[0] ?? '')) return [];
  const { netns, args } = action;
  const table = after(args, 'table') ?? 'main';
  return args.flatMap((word, at) => {
    const rest = args.slice(at + 1);
    const [gateway, dev] = [rest.find((each) => !/^inet6?$/.test(each)), after(rest, 'dev')];
    if (word !== 'via' || gateway === undefined || dev === undefined) return [];
    const family = gateway.includes(':') ? '-6' : '-4';
    return [(verb) => ({ op: 'ip', netns, args: [family, 'route', verb, gateway, 'dev', dev, 'table', table] })];
  });
}
