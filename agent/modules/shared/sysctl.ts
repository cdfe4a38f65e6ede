import { formatIp, parseIp } from './ip-address.ts';

/** How Linux combines conf/all with conf/DEV (include/linux/inetdevice.h, IN_DEV_MAXCONF, ORCONF and ANDCONF). */
type Combination = 'max' | 'or' | 'and';

const combined: Readonly<Record<string, Combination>> = {
  rp_filter: 'max',
  arp_ignore: 'max',
  arp_announce: 'max',
  arp_notify: 'max',
  accept_local: 'or',
  arp_filter: 'or',
  log_martians: 'or',
  promote_secondaries: 'or',
  proxy_arp: 'or',
  route_localnet: 'or',
  secure_redirects: 'or',
  send_redirects: 'or',
  shared_media: 'or',
  src_valid_mark: 'or',
  accept_source_route: 'and',
  bc_forwarding: 'and',
  bootp_relay: 'and',
  mc_forwarding: 'and',
};

/** A key of one link whose value counts only together with the one of all links. */
export interface CombinedKey {
  readonly dev: string;
  readonly how: Combination;
  /** The key for all links, with slashes. */
  readonly all: string;
}

/**
 * The path under /proc/sys. As sysctl(8) reads names: the first separator decides; with dots, a slash stands for a dot
 * inside a part ("net.ipv4.conf.eth0/5.rp_filter").
 */
export function sysctlPath(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '.') return name;
  return name.replace(/[./]/g, (character) => (character === '.' ? '/' : '.'));
}

/** As sysctl(8) writes a key: a dot inside a link's name becomes a slash. */
export function sysctlName(path: string): string {
  return path.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/'));
}

/** Two names of one variable (net/ipv4/devinet.c). */
const ipForward = ['net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding'] as const;

/** All paths of the variable that this is a path of. */
export function sysctlPaths(path: string): readonly string[] {
  return ipForward.some((name) => name === path) ? ipForward : [path];
}

export function sysctlNameProblem(name: string): string | undefined {
  if (name === '') return 'name cannot be blank';
  const parts = sysctlPath(name).split('/');
  if (parts.length < 2) return `${JSON.stringify(name)} is no sysctl key, such as net.ipv4.ip_forward`;
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return `${JSON.stringify(name)} has an empty part`;
  return /[\s\0]/.test(name) ? `${JSON.stringify(name)} holds a blank` : undefined;
}

/** The link that a key is about, if any: net/ipv4/conf/DEV/..., net/ipv6/neigh/DEV/... */
export function deviceOf(path: string): string | undefined {
  const dev = /^net\/ipv[46]\/(?:conf|neigh)\/([^/]+)\/[^/]+$/.exec(path)?.[1];
  return dev === 'all' || dev === 'default' ? undefined : dev;
}

/**
 * A key that all namespaces of a kernel have if it knows this one; undefined where links or modules may bring it. What a link
 * has, new ones have by default.
 */
export function knownBy(path: string): string | undefined {
  if (/^(?:net\/(?:core|ipv4|ipv6|unix)|kernel|vm)\/[^/]+$/.test(path)) return path;
  const [, tree, key] = /^(net\/ipv[46]\/(?:conf|neigh))\/[^/]+\/([^/]+)$/.exec(path) ?? [];
  return tree === undefined ? undefined : `${tree}/default/${key}`;
}

/**
 * Whether the kernel may write the key of a link along with another one: a default goes on to the links that nobody has set
 * it for (devinet_copy_dflt_conf() in net/ipv4/devinet.c, neigh_copy_dflt_parms() in net/core/neighbour.c), and what is set
 * for all may go on to each (inet_forward_change()).
 */
export function isWrittenAlong(path: string, written: string): boolean {
  if (deviceOf(path) === undefined) return false;
  return sysctlPaths(written).some((name) =>
    ['all', 'default'].some((whole) => path.replace(/\/[^/]+(?=\/[^/]+$)/, `/${whole}`) === name),
  );
}

export function combinedKey(path: string): CombinedKey | undefined {
  const [, dev, last] = /^net\/ipv4\/conf\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const how = combined[last ?? ''];
  if (dev === undefined || dev === 'all' || dev === 'default' || how === undefined) return undefined;
  return { dev, how, all: `net/ipv4/conf/all/${last}` };
}

/** What counts on the link. */
export function effectiveValue(how: Combination, all: number, dev: number): number {
  if (how === 'max') return Math.max(all, dev);
  return Number(how === 'or' ? all !== 0 || dev !== 0 : all !== 0 && dev !== 0);
}

/** "max(conf.all=1, conf.ens34=0) = 1", for people. */
export function effectiveText(key: CombinedKey, all: number, dev: number): string {
  return `${key.how}(conf.all=${all}, conf.${key.dev}=${dev}) = ${effectiveValue(key.how, all, dev)}`;
}

/**
 * Values are compared with blanks made single, because the kernel answers tabs between numbers, and IPv6 addresses in their
 * short form, because it writes them out.
 */
export function normalised(value: string): string {
  const words = value.trim().split(/\s+/).join(' ');
  const address = words.includes(':') ? parseIp(words) : undefined;
  return address === undefined ? words : formatIp(address);
}
