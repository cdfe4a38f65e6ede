import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import { after, ipWords } from './touched.ts';
import { unlessRefused } from './unless-refused.ts';

/** The kernel waits for at most a second before it tells of carriers. */
export const carrierMs = 1500;
const carrierTryMs = 50;

/**
 * Carries out what brings something back that was there: the kernel may have kept it where it takes no such thing anew. `until`:
 * waits so long for the carrier of its link, by performance.now(). Throws OrchError as host.apply does.
 */
export async function applyInverse(action: Action, host: ActingHost, until = 0): Promise<void> {
  const apply = () => onceCarried(() => host.apply(action), until);
  try {
    await apply();
  } catch (error) {
    const ways = error instanceof OrchError && unreached.test(error.summary) ? waysToGateways(action) : [];
    const added: Way[] = [];
    for (const way of ways) if (await unlessRefused(() => host.apply(wayAction('add', way)))) added.push(way);
    if (added.length === 0) throw error;
    try {
      await apply();
    } finally {
      for (const way of added) await unlessRefused(() => host.apply(wayAction('delete', way)));
    }
  }
}

/** The carrier of a bridge comes a moment after that of its port: by the kernel's worker (net/core/link_watch.c). */
async function onceCarried(act: () => Promise<void>, until: number): Promise<void> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const isLate = error instanceof OrchError && error.summary.includes('Carrier for nexthop device is down');
      if (!isLate || performance.now() > until) throw error;
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

/** Whether a row of all routes is one of those. */
export function isWay(row: Row): boolean {
  return text(row, 'protocol') === protocol && String(row.metric) === metric;
}

function wayAction(verb: 'add' | 'delete', { netns, family, words }: Way): Action {
  return { op: 'ip', netns, args: [family, 'route', verb, ...words, 'metric', metric, 'proto', protocol] };
}

/** Takes away what an agent left that was killed as it put a route back. */
export async function removeWays(spaces: Iterable<string | undefined>, host: ActingHost): Promise<void> {
  for (const netns of spaces)
    for (const family of ['-4', '-6'] as const)
      await unlessRefused(async () => {
        const { rows } = await host.ip([family, 'route', 'show', 'table', 'all', 'proto', protocol], netns);
        for (const row of rows.filter((each) => String(each.metric) === metric)) {
          const [dst = '', dev = '', table = 'main'] = ['dst', 'dev', 'table'].map((key) => text(row, key));
          await host.apply(wayAction('delete', { netns, family, words: [dst, 'dev', dev, 'table', table] }));
        }
      });
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
