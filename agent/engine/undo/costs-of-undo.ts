import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { sysctlPath } from '../../linux/ip/names.ts';
import { parseCidr } from '../../modules/shared/ip-address.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { addressLosses, leaving, routeLosses } from '../losses/losses.ts';
import { type Loss, neighbourLosses, type Place } from '../losses/lost-with-link.ts';
import { belowIpv6 } from '../snapshot/risks.ts';
import { applyInverse } from '../steps/apply-inverse.ts';
import { after, ipWords, linksOf } from '../steps/touched.ts';
import { unlessRefused } from '../steps/unless-refused.ts';
import { isSame, type LinkName, removedLink } from '../steps/vanish.ts';

/** What goes with an inverse: all that hangs on IPv4 or IPv6, what the latter has on a link that goes down, or routes by their source. */
interface Cost {
  readonly place: Place;
  readonly what: 4 | 6 | 'down' | 'neighbours' | 'source';
  /** Of routes that go with it, wherever they lead. */
  readonly source?: string | undefined;
}

/** Where an undo has what it is still to take back, and writes down what it has cost others, until it is back. */
export interface UndoBooks {
  /** Whether what an action brings is to be taken away yet; `object`: that which it is of. */
  undoes(action: Action, object?: string): boolean;
  owe(actions: readonly Action[]): void;
}

/**
 * To be called before inverses are carried out; what it returns puts back what the kernel took along with them and is not theirs:
 * addresses of IPv6 on a link that goes down, routes and neighbours of one that loses its last IPv4 address. With the first one of a
 * network go the secondary ones, if only for a moment. No proof would. What is refused then is put off, unless it is to be taken back
 * itself. `books` is told of it before, and of nothing once it is back.
 */
export async function noteCosts(
  undo: readonly Action[],
  putOff: Action[],
  host: ActingHost,
  books?: UndoBooks,
): Promise<() => Promise<void>> {
  const noted: { readonly cost: Cost; readonly before: readonly Loss[] }[] = [];
  const isTheirs = ({ object, action }: Loss) => books?.undoes(action, object) !== true;
  // No inverse waits for this.
  await unlessRefused(async () => {
    const known = new Set<string>();
    const costs: Cost[] = [];
    for (const action of undo) costs.push(...(await costsOf(action, host)));
    for (const cost of [...costs, ...(await costsToMasters(undo, host))]) {
      if (known.has(keyOf(cost))) continue;
      known.add(keyOf(cost));
      const before = (await restoring(cost, host)).filter(({ action }) => !known.has(JSON.stringify(action)));
      for (const { action } of before) known.add(JSON.stringify(action));
      if (before.length > 0) noted.push({ cost, before });
    }
  });
  if (noted.length === 0) return async () => undefined;
  books?.owe(noted.flatMap(({ before }) => before.filter(isTheirs).map(({ action }) => action)));
  return async () => {
    for (const { cost, before } of noted)
      await unlessRefused(async () => {
        const left = new Set((await restoring(cost, host)).map(({ action }) => JSON.stringify(action)));
        for (const loss of before) {
          const { action } = loss;
          if (left.has(JSON.stringify(action)) || (await unlessRefused(() => applyInverse(action, host)))) continue;
          if (isTheirs(loss)) putOff.push(action);
        }
      });
    books?.owe([]);
  };
}

const keyOf = ({ place: { netns, dev }, what, source }: Cost) => JSON.stringify([netns, dev, what, source]);

/** Another MAC address, which a bridge or bond has by a port, costs it its neighbours: so do ports that come, go, or have another one. */
async function costsToMasters(undo: readonly Action[], host: ActingHost): Promise<readonly Cost[]> {
  const ports = undo.flatMap((action) => {
    const words = action.op === 'ip' ? ipWords(action.args) : [];
    if (action.op !== 'ip' || !words.some((word) => word === 'address' || leaving.includes(word))) return [];
    return linksOf(action).map((name) => ({ netns: action.netns, name, next: after(words, 'master') }));
  });
  const goes = (link: LinkName) => undo.some((action) => isSame(removedLink(action), link));
  const costs: Cost[] = [];
  for (const netns of new Set(ports.map((port) => port.netns))) {
    const here = ports.filter((port) => port.netns === netns);
    const names = new Set(here.map(({ name }) => name));
    const one = here.length === 1 ? ['dev', here[0]?.name ?? ''] : [];
    const { rows: links } = await host.ip(['link', 'show', ...one], netns);
    const isPort = (link: Row) => names.has(text(link, 'ifname') ?? '');
    const masters = new Set([
      ...links.filter(isPort).map((link) => text(link, 'master')),
      ...here.map(({ next }) => next),
    ]);
    const staying = [...masters].filter((dev) => dev && !goes({ netns, name: dev }));
    costs.push(...staying.map((dev = ''): Cost => ({ place: { netns, dev }, what: 'neighbours' })));
  }
  return costs;
}

async function costsOf(action: Action, host: ActingHost): Promise<readonly Cost[]> {
  if (action.op === 'sysctl') {
    const [, dev] = /^net\/ipv6\/conf\/([^/]+)\/disable_ipv6$/.exec(sysctlPath(action.key)) ?? [];
    if (dev === undefined || action.value === '0') return [];
    return [{ place: { netns: action.netns, dev: dev === 'all' ? '*' : dev }, what: 6 }];
  }
  if (action.op !== 'ip') return [];
  const words = ipWords(action.args);
  const place = { netns: action.netns, dev: after(words, 'dev') ?? '' };
  const verb = words.slice(0, 2).join(' ');
  if (verb === 'link set') {
    if (words.includes('down')) return [{ place, what: 'down' }];
    if (belowIpv6(words)) return [{ place, what: 6 }];
    return words.includes('address') || words.includes('arp') ? [{ place, what: 'neighbours' }] : [];
  }
  const removed = parseCidr(words[2] ?? '');
  if (verb !== 'address delete' || removed === undefined) return [];
  const bySource: Cost = { place, what: 'source', source: removed.address };
  if (removed.family !== 4) return [bySource];
  // fib_disable_ip() in net/ipv4/fib_frontend.c.
  const [link] = (await host.ip(['address', 'show', 'dev', place.dev], place.netns)).rows;
  const lasting = rows(link ?? {}, 'addr_info').filter(({ family, secondary }) => family === 'inet' && !secondary);
  const isLast = lasting.length === 1 && text(lasting[0] ?? {}, 'local') === removed.address;
  return isLast ? [{ place, what: 4 }, bySource] : [bySource];
}

/** Actions that bring back what is there now of it. */
async function restoring({ place, what, source }: Cost, host: ActingHost): Promise<readonly Loss[]> {
  const { netns, dev } = place;
  if (source !== undefined) {
    const families = [source.includes(':') ? 6 : 4] as const;
    return routeLosses({ netns, dev: '', families, source }, host, { src: source });
  }
  const one = dev === '*' ? [] : ['dev', dev];
  const links = what === 6 || what === 'down' ? (await host.ip(['address', 'show', ...one], netns)).rows : [];
  const families = what === 4 || what === 6 ? [what] : [];
  return [
    ...links.flatMap((link) => addressLosses(link, netns, [6])),
    ...(await routeLosses({ ...place, families, source }, host, dev === '*' ? {} : { dev })),
    ...(await neighbourLosses(place, host)),
  ];
}
