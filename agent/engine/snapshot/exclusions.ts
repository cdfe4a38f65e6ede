import { object, type Row, text, texts } from '../../modules/shared/rows.ts';
import type { Item, Section } from './state.ts';

/** One thing that two equal states may differ in. */
export interface Exclusion {
  readonly section: Section;
  /** Keys of its tool's JSON output (`of.key`: only inside of `of`), or patterns of sysctls. */
  readonly what: readonly string[];
  readonly why: string;
}

/** Everything that is left out when two states are compared; docs/undo.md prints this table. */
export const exclusions: readonly Exclusion[] = [
  {
    section: 'links',
    what: ['ifindex', 'link_index', 'link_netnsid', 'iflink', 'index'],
    why: 'numbers that the kernel deals out: a link that is made again gets another',
  },
  {
    section: 'links',
    what: ['operstate', 'linkmode', 'carrier', 'carrier_changes', 'carrier_up_count', 'carrier_down_count'],
    why: 'what the wire says, not what was set; the administrative UP is compared',
  },
  {
    section: 'links',
    what: ['promiscuity', 'allmulti', 'stats', 'stats64', 'numtxqueues', 'numrxqueues'],
    why: 'counters: how many users a link has, how much passed it',
  },
  {
    section: 'links',
    what: ['tso_max_size', 'tso_max_segs'],
    why: 'what the hardware or the links below can take',
  },
  {
    section: 'links',
    what: ['permaddr'],
    why: 'the address of the hardware, which nobody can set; tunnels over IPv6 get a random one',
  },
  {
    section: 'links',
    what: ['bridge_id'],
    why: "a bridge's priority and MAC address, which are compared by themselves",
  },
  {
    section: 'links',
    what: ['qdisc'],
    why: 'the kernel gives a link its default qdisc when it first comes up; those that were set are in qdiscs',
  },
  {
    section: 'links',
    what: [
      ...['hello_timer', 'tcn_timer', 'topology_change_timer', 'gc_timer', 'message_age_timer', 'forward_delay_timer'],
      ...['hold_timer', 'topology_change', 'topology_change_detected', 'topology_change_ack', 'config_pending'],
      ...['root_id', 'root_port', 'root_path_cost', 'designated_bridge', 'designated_root', 'designated_port'],
      ...['designated_cost', 'state_index'],
    ],
    why: 'timers and elections of the spanning tree',
  },
  {
    section: 'links',
    what: ['order of altnames'],
    why: 'one name is as good as the other',
  },
  {
    section: 'links',
    what: ['fdb_n_learned'],
    why: 'how many addresses a bridge has learned by now',
  },
  {
    section: 'links',
    what: ['info_slave_data.id', 'info_slave_data.no'],
    why: 'numbers that a bridge deals out to its ports',
  },
  {
    section: 'links',
    what: ['info_slave_data.state listening', 'info_slave_data.state learning'],
    why: 'a port on its way to forwarding, by a timer (net/bridge/br_stp_timer.c): compared as forwarding',
  },
  {
    section: 'links',
    what: [
      'active_slave',
      'ad_info',
      'mii_status',
      'link_failure_count',
      'ad_aggregator_id',
      'ad_actor_oper_port_state',
    ],
    why: 'what a bond has found out about its wires',
  },
  {
    section: 'addresses',
    what: ['valid_life_time', 'preferred_life_time'],
    why: 'timers; that an address has an end at all is compared',
  },
  {
    section: 'addresses',
    what: ['tentative', 'dadfailed', 'deprecated', 'optimistic'],
    why: 'duplicate address detection and timers',
  },
  {
    section: 'addresses',
    what: ['secondary'],
    why: 'which one of a network comes first; the order of the addresses of a link is compared by itself',
  },
  { section: 'addresses', what: ['protocol'], why: 'whether the kernel or a program added the same address' },
  {
    section: 'addresses',
    what: ['temporary'],
    why: 'privacy addresses (RFC 8981) are random and come and go: left out whole',
  },
  {
    section: 'routes',
    what: ['multicast ff00::/8 protocol kernel'],
    why: 'the kernel makes it when a link first has a carrier, and keeps it without: left out whole',
  },
  { section: 'routes', what: ['expires', 'age', 'used', 'users', 'cache', 'error'], why: 'timers and counters' },
  {
    section: 'rules',
    what: ['l3mdev protocol kernel'],
    why: 'the kernel makes the rule for VRFs with the first one and keeps it: left out whole',
  },
  {
    section: 'routes',
    what: ['nh_info'],
    why: 'what the next hop object of a route is; ways by such a one are left out, too: it is compared by itself',
  },
  { section: 'nexthops', what: ['dead', 'linkdown', 'unbalanced_time'], why: 'what the wire says, and a timer' },
  {
    section: 'nexthops',
    what: ['links'],
    why: 'those that members of a group are on; members are compared by themselves',
  },
  { section: 'neighbours', what: ['used', 'confirmed', 'updated', 'probes', 'refcnt'], why: 'timers and counters' },
  {
    section: 'fdb',
    what: ['updated', 'used'],
    why: 'timers; what the kernel learned, its own addresses, groups, and what links without a table take are left out whole',
  },
  {
    section: 'mdb',
    what: ['index', 'timer'],
    why: 'numbers and timers; entries that the kernel learned are left out whole',
  },
  {
    section: 'qdiscs',
    what: ['refcnt', 'bytes', 'packets', 'drops', 'overlimits', 'requeues', 'backlog', 'qlen', 'seed'],
    why: 'counters, and what netem begins to throw dice with; those with handle 0: are the default ones of the kernel, left out whole',
  },
  {
    section: 'nft tables',
    what: ['handle', 'packets', 'bytes', 'expires', 'used', 'last'],
    why: 'numbers that the kernel deals out, counters, timers',
  },
  {
    section: 'sysctls',
    what: ['net/netfilter/nf_conntrack_count', 'net/ipv4/route/*', 'net/ipv6/route/flush'],
    why: 'counters, and keys that are only written',
  },
  {
    section: 'sysctls',
    what: ['net/ipv4/tcp_fastopen_key', 'net/core/netdev_rss_key', 'net/ipv6/conf/*/stable_secret'],
    why: 'random or secret',
  },
  {
    section: 'sysctls',
    what: ['net/ipv4/tcp_available_congestion_control', 'net/ipv4/tcp_available_ulp'],
    why: 'lists of the kernel modules that are loaded',
  },
];

/** Flags of links and routes that say what the wire does. */
const wireFlags = new Set([
  'LOWER_UP',
  'NO-CARRIER',
  'RUNNING',
  'DORMANT',
  'M-DOWN',
  'dead',
  'linkdown',
  'offload',
  'trap',
]);

/** What a route by a next hop object shows of that. */
const ofNexthop = ['dev', 'gateway', 'via', 'encap', 'nexthops', 'flags'];

const keysOf = (section: Section) =>
  new Set(exclusions.filter((one) => one.section === section).flatMap(({ what }) => what));

const left: Readonly<Partial<Record<Section, ReadonlySet<string>>>> = Object.fromEntries(
  exclusions.map(({ section }) => [section, keysOf(section)]),
);

const volatileSysctls = new RegExp(`^(?:${[...keysOf('sysctls')].join('|').replaceAll('*', '[^/]+')})$`);

export function isVolatileSysctl(path: string): boolean {
  return volatileSysctls.test(path);
}

/** What counts of a thing when two states are compared; undefined: nothing does. */
export function comparable(section: Section, item: Item): unknown {
  if (typeof item === 'string') return item;
  if (section === 'addresses' && item.temporary === true) return undefined;
  if (section === 'address orders') return { order: item.order };
  if (section === 'rules' && 'l3mdev' in item && item.protocol === 'kernel') return undefined;
  if (section === 'routes' && item.dst === 'ff00::/8' && item.type === 'multicast' && item.protocol === 'kernel') {
    return undefined;
  }
  if (section === 'routes' && 'nhid' in item) return without(item, new Set([...(left.routes ?? []), ...ofNexthop]));
  const limited = typeof item.valid_life_time === 'number' && item.valid_life_time !== 0xffffffff;
  const plain = without(item, left[section] ?? new Set()) as Row;
  if (section === 'links') return withArrivedPort(withSortedNames(plain));
  return section === 'addresses' && limited ? { ...plain, limited } : plain;
}

function withSortedNames(link: Row): Row {
  return 'altnames' in link ? { ...link, altnames: [...texts(link, 'altnames')].sort() } : link;
}

function withArrivedPort(link: Row): Row {
  const linkinfo = object(link, 'linkinfo');
  const port = object(linkinfo, 'info_slave_data');
  if (!['listening', 'learning'].includes(text(port, 'state') ?? '')) return link;
  return { ...link, linkinfo: { ...linkinfo, info_slave_data: { ...port, state: 'forwarding' } } };
}

function without(value: unknown, keys: ReadonlySet<string>, of = ''): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((each) => typeof each !== 'string' || !wireFlags.has(each))
      .map((each) => without(each, keys, of));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !keys.has(key) && !keys.has(`${of}.${key}`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, without(inner, keys, key)]),
  );
}
