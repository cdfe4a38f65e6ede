import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../linux/action.ts';
import { object, type Row, text } from '../../modules/shared/rows.ts';
import { after, ipWords, linksOf, sysctlOf } from '../steps/touched.ts';
import { masterOf } from '../steps/vanish.ts';
import { devicesOf } from './devices.ts';
import { comparable } from './exclusions.ts';
import { isRemains } from './remains.ts';
import { type Difference, type Item, ownNetns, type Section } from './state.ts';

/** What the kernel may take along, unasked, with a step of the lab: the lab's doing, too, and so brought back by its undo. */
export type Risk =
  /** Addresses, their order, routes and neighbours that the link had. */
  | { readonly kind: 'link'; readonly netns: string; readonly dev: string }
  /** Next hops of a link that may lose its carrier, and of those that have theirs by it. */
  | { readonly kind: 'carrier'; readonly netns: string; readonly dev: string }
  /** A link that the lab had moved to a namespace before it removed that, with its other end. */
  | { readonly kind: 'taken'; readonly netns: string; readonly dev: string }
  /** All that a namespace held. */
  | { readonly kind: 'netns'; readonly netns: string }
  /** Sysctls that the kernel writes along with one; "*" stands for one part of the path. */
  | { readonly kind: 'sysctls'; readonly netns: string; readonly keys: readonly string[] }
  /** IPv6 addresses and routes that a link had, or all of them ("*"). */
  | { readonly kind: 'ipv6'; readonly netns: string; readonly dev: string }
  /** Neighbours that a link had. */
  | { readonly kind: 'neighbours'; readonly netns: string; readonly dev: string }
  /** MAC address and mtu that a link works out from its ports. */
  | { readonly kind: 'ports'; readonly netns: string; readonly dev: string }
  /** Settings that a link had as a port of a bridge. */
  | { readonly kind: 'port'; readonly netns: string; readonly dev: string }
  /** Links that the kernel's module of this type makes when it is loaded. */
  | { readonly kind: 'module'; readonly netns: string; readonly type: string };

/** What a step may take along. */
export function risksOf(action: Action): readonly Risk[] {
  if (action.op === 'netns-delete') return [{ kind: 'netns', netns: action.name }];
  const path = sysctlOf(action);
  if (path !== undefined && action.op === 'sysctl') return sysctlRisks(path, action.netns ?? ownNetns);
  return action.op === 'ip' ? ipRisks(action) : [];
}

function ipRisks(action: Extract<Action, { op: 'ip' }>): readonly Risk[] {
  const words = ipWords(action.args);
  const [object = '', verb = ''] = words;
  const netns = action.netns ?? ownNetns;
  const dev = after(words, 'dev');
  const removes = verb === 'del' || verb === 'delete';
  // fib_disable_ip() in net/ipv4/fib_frontend.c: a link's last address takes its routes along.
  if (object[0] === 'a' && removes && dev !== undefined) return [{ kind: 'link', netns, dev }];
  const links = linksOf(action);
  if (links.length === 0) return [];
  if (verb === 'add') {
    const type = after(words, 'type');
    return type === undefined ? [] : [{ kind: 'module', netns: ownNetns, type }];
  }
  return [...portRisks(action), ...linkRisks(words, links, netns, removes)];
}

/** A bridge that nobody gave a MAC address has this one once its last port is gone (br_stp_recalculate_bridge_id() in net/bridge/br_stp_if.c). */
export const noMac = '00:00:00:00:00:00';

/**
 * A bridge that nobody gave a MAC address has the lowest of its ports', and the least mtu of them (net/bridge/br_if.c); a port
 * begins anew with each bridge.
 */
export function portRisks(action: Action): readonly Risk[] {
  const master = masterOf(action);
  if (master === undefined) return [];
  const netns = master.netns ?? ownNetns;
  const ports = linksOf(action).map((dev) => ({ kind: 'port', netns, dev }) as const);
  // Another MAC address costs a link its neighbours.
  return [...ports, ...(['ports', 'neighbours'] as const).map((kind) => ({ kind, netns, dev: master.name }))];
}

function linkRisks(
  words: readonly string[],
  links: readonly string[],
  netns: string,
  removes: boolean,
): readonly Risk[] {
  // neigh_changeaddr() in net/core/neighbour.c: permanent ones go too.
  const forgets = words.some((word) => word === 'address' || word === 'arp');
  const neighbours = forgets ? links.map((dev) => ({ kind: 'neighbours', netns, dev }) as const) : [];
  // nh_netdev_event() in net/ipv4/nexthop.c.
  const carriers = words.includes('mtu') ? [] : links.map((dev) => ({ kind: 'carrier', netns, dev }) as const);
  if (words.includes('protodown')) return carriers;
  if (!removes && !disturbs(words)) return neighbours;
  // Its sysctls begin anew with their defaults.
  const families = removes || words.includes('netns') ? ['ipv4', 'ipv6'] : belowIpv6(words) ? ['ipv6'] : [];
  const others = links.flatMap((name): Risk[] => {
    const keys = families.flatMap((family) => [`net/${family}/conf/${name}/*`, `net/${family}/neigh/${name}/*`]);
    return [
      { kind: 'link', netns, dev: name },
      ...(keys.length > 0 ? [{ kind: 'sysctls', netns, keys } as const] : []),
    ];
  });
  return [...others, ...carriers, ...neighbours];
}

/**
 * Changes of a link that cost it routes or addresses: down (fib_sync_down_dev, addrconf_ifdown), another master or
 * namespace, a name (which takes it down), an mtu below IPv6's least.
 */
function disturbs(words: readonly string[]): boolean {
  if (words.some((word) => ['down', 'master', 'nomaster', 'netns', 'name', 'vrf'].includes(word))) return true;
  return belowIpv6(words);
}

/** addrconf_notify() in net/ipv6/addrconf.c: a link whose mtu is too small loses IPv6 until it is set back. */
export function belowIpv6(words: readonly string[]): boolean {
  return Number(after(words, 'mtu') ?? 1500) < 1280;
}

function sysctlRisks(path: string, netns: string): readonly Risk[] {
  const [, family, dev, last] = /^net\/(ipv[46])\/conf\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const risks: Risk[] = [];
  // inet_forward_change() in net/ipv4/devinet.c.
  if (path === 'net/ipv4/ip_forward' || (family === 'ipv4' && dev === 'all' && last === 'forwarding')) {
    const keys = ['net/ipv4/ip_forward', 'net/ipv4/conf/*/forwarding', 'net/ipv4/conf/*/accept_redirects'];
    risks.push({ kind: 'sysctls', netns, keys });
  }
  // devinet_conf_proc() and addrconf_sysctl_*(): "all" and "default" are written on to links.
  else if (dev === 'all' || dev === 'default') {
    risks.push({ kind: 'sysctls', netns, keys: [`net/${family}/conf/*/${last}`] });
  }
  if (last === 'disable_ipv6' && dev !== undefined) {
    risks.push({ kind: 'ipv6', netns, dev: dev === 'all' || dev === 'default' ? '*' : dev });
  }
  return risks;
}

/** True when the difference is of the kind that the risk foretold. */
export function foretold(risk: Risk, difference: Difference): boolean {
  const { section, netns, before, after: is } = difference;
  if (risk.netns !== netns) return false;
  const went = is === undefined;
  switch (risk.kind) {
    case 'netns':
      return true;
    case 'link':
      if (section === 'sysctls' || !devicesOf(difference).includes(risk.dev)) return false;
      // A port of another bridge, and of the same one anew, has the VLANs of that bridge.
      if (section === 'bridge vlans' || section === 'address orders') return true;
      if (isNewLinkLocal(difference) || isLeftRoute(difference) || isRemains(difference)) return true;
      return went || isRelabelled(difference);
    case 'taken':
      return went && [...devicesOf(difference), typeof before === 'object' && before.link].includes(risk.dev);
    case 'carrier':
      return isOfNexthop(difference) && devicesOf(difference).includes(risk.dev);
    case 'sysctls':
      return section === 'sysctls' && risk.keys.some((key) => matches(key, difference.key));
    case 'ipv6':
      if (risk.dev !== '*' && !devicesOf(difference).includes(risk.dev)) return false;
      return isNewLinkLocal(difference) || ((went || isRemains(difference)) && isIpv6(before));
    case 'neighbours':
      return section === 'neighbours' && went && devicesOf(difference).includes(risk.dev);
    case 'ports':
      return (
        section === 'links' && difference.key === risk.dev && differsOnlyIn(section, ['address', 'mtu'], before, is)
      );
    case 'port':
      return (
        section === 'links' &&
        difference.key === risk.dev &&
        differsOnlyIn(section, [], withoutPort(before), withoutPort(is))
      );
    case 'module':
      return false;
  }
}

function withoutPort(item: Item | undefined): Item | undefined {
  if (typeof item !== 'object') return item;
  const { info_slave_data: _, ...linkinfo } = object(item, 'linkinfo');
  return { ...item, linkinfo };
}

export function isIpv6(item: Item | undefined): boolean {
  if (typeof item !== 'object') return false;
  return item.family === 6 || item.family === 'inet6' || text(item, 'dst')?.includes(':') === true;
}

function isOfNexthop({ section, before, after: is }: Difference): boolean {
  if (section === 'nexthops') return before !== undefined;
  return section === 'routes' && typeof before === 'object' && 'nhid' in before && is === undefined;
}

/** IPv6 came anew on a link while it had a MAC address, or a way to make one of it, of the lab's. */
export function isNewLinkLocal({ section, before, after: is }: Difference): boolean {
  return section === 'addresses' && before === undefined && typeof is === 'object' && is.protocol === 'kernel_ll';
}

/** inetdev_changename() in net/ipv4/devinet.c: a new name of the link is the label of its addresses, but for the first with a number. */
export function isRelabelled({ section, before, after: is }: Difference): boolean {
  return section === 'addresses' && differsOnlyIn(section, ['label'], before, is);
}

/** Both are there, and nothing of them differs but these. */
function differsOnlyIn(section: Section, keys: readonly string[], one: Item | undefined, other: Item | undefined) {
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  const rest = (item: Item) =>
    Object.entries((comparable(section, item) ?? {}) as Row).filter(([key]) => !keys.includes(key));
  return isDeepStrictEqual(rest(one), rest(other));
}

/**
 * IPv6 keeps the route of an address that went while another one of its network is there, even one that has none
 * (check_cleanup_prefix_route in net/ipv6/addrconf.c).
 */
export function isLeftRoute({ section, before, after }: Difference): boolean {
  if (section !== 'routes' || before !== undefined || typeof after !== 'object') return false;
  return after.family === 6 && after.protocol === 'kernel';
}

/** And the last address of the network takes it along, whoever had it there before. */
export function isTakenRoute({ before, after, ...one }: Difference): boolean {
  return isLeftRoute({ ...one, before: after, after: before });
}

function matches(pattern: string, path: string): boolean {
  // A host has thousands of sysctls, and most are of another link than the pattern.
  if (!path.startsWith(pattern.split('*', 1)[0] ?? '')) return false;
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return parts.length === wanted.length && wanted.every((part, at) => part === '*' || part === parts[at]);
}
