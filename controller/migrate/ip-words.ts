/** What a word of ip is to a module: a parameter whose value is the next word, or one that it sets by itself. */
export type Meaning = string | Readonly<Record<string, string | boolean>>;

type Words = Readonly<Record<string, Meaning>>;

/** Words that are called as the parameter. */
const same = (names: string): Words => Object.fromEntries(names.split(' ').map((name) => [name, name]));

/** Of any link (ip-link(8)). */
export const linkWords: Words = {
  ...same('mtu address txqueuelen group alias master addrgenmode'),
  ...{ txqlen: 'txqueuelen', qlen: 'txqueuelen', vrf: 'master' },
  ...{ up: { state: 'up' }, down: { state: 'down' }, nomaster: { master: '' } },
};

/** Followed by on or off. */
export const switches: ReadonlySet<string> = new Set(['arp', 'multicast', 'allmulticast', 'promisc', 'protodown']);

const tunnel: Words = { ...same('local remote ttl tos key ikey okey fwmark'), dev: 'parent' };
const tunnel6: Words = {
  ...same('local remote key ikey okey fwmark hoplimit tclass flowlabel encaplimit'),
  ...{ ttl: 'hoplimit', hlim: 'hoplimit', tos: 'tclass', dsfield: 'tclass', dev: 'parent' },
};
const none: Words = {};

/** Parameters that are true or false, where ip has numbers. */
export const booleans: ReadonlySet<string> = new Set(['stp', 'vlan_filtering', 'mcast_snooping']);

/** Of each kind of link whose options are their parameters' names, or nearly so. */
export const kindWords: Readonly<Record<string, Words>> = {
  dummy: none,
  ifb: none,
  nlmon: none,
  wireguard: none,
  veth: none,
  vlan: { ...same('id protocol'), proto: 'protocol' },
  vxlan: {
    ...same('id local remote ttl tos ageing limit'),
    ...{ vni: 'id', dev: 'parent', dstport: 'port', group: 'multicast_group' },
    ...{ nolearning: { learning: false }, learning: { learning: true }, external: { external: true } },
  },
  geneve: { ...same('id remote ttl tos'), vni: 'id', dstport: 'port' },
  macvlan: same('mode'),
  macvtap: same('mode'),
  ipvlan: {
    mode: 'mode',
    ...Object.fromEntries(['bridge', 'private', 'vepa'].map((flag) => [flag, { flag }])),
  },
  ipvtap: same('mode'),
  vrf: same('table'),
  bond: same('mode miimon updelay downdelay primary lacp_rate xmit_hash_policy min_links arp_interval fail_over_mac'),
  bridge: {
    ...same('forward_delay hello_time max_age ageing_time priority vlan_default_pvid mcast_snooping'),
    ...{ stp_state: 'stp', vlan_filtering: 'vlan_filtering', vlan_protocol: 'vlan_protocol' },
  },
  gre: tunnel,
  gretap: tunnel,
  ipip: tunnel,
  sit: tunnel,
  ip6gre: tunnel6,
  ip6gretap: tunnel6,
  ip6tnl: { ...tunnel6, mode: 'mode' },
  vti: tunnel,
  vti6: tunnel,
};

/** `mode` of `ip tunnel`, and with -6, as kinds (ip-tunnel(8)); of ip6tnl the mode stays its own. */
export const tunnelModes: Readonly<Record<string, string>> = {
  ...{ gre: 'gre', 'gre/ip': 'gre', ipip: 'ipip', 'ip/ip': 'ipip', sit: 'sit', 'ipv6/ip': 'sit', vti: 'vti' },
  ...{ ip6gre: 'ip6gre', 'gre/ipv6': 'ip6gre', vti6: 'vti6', ip6ip6: 'ip6tnl', ipip6: 'ip6tnl', any: 'ip6tnl' },
};

/** ip-tuntap(8). */
export const tuntapWords: Words = {
  ...same('mode user name'),
  ...{ dev: 'name', group: 'owner_group', pi: { pi: true }, multi_queue: { multi_queue: true } },
  ...{ vnet_hdr: { vnet_hdr: true } },
};

/** Of a bridge's port: flags that are on or off, and what else it has (bridge(8), `type bridge_slave` of ip-link(8)). */
export const portSwitches: ReadonlySet<string> = new Set([
  ...['guard', 'hairpin', 'fastleave', 'root_block', 'learning', 'flood', 'mcast_flood', 'bcast_flood'],
  ...['mcast_to_unicast', 'proxy_arp', 'neigh_suppress', 'vlan_tunnel', 'isolated', 'locked', 'mab'],
]);
export const portWords: Words = { ...same('cost priority mcast_router backup_port'), dev: 'dev' };

/** Kinds that the link `link DEV` of the command carries, by the parameter that names it. */
export const parents: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

/** ip-address(8). */
export const addressWords: Words = {
  ...same('dev label scope metric peer valid_lft preferred_lft protocol broadcast'),
  ...{ brd: 'broadcast', local: 'address', proto: 'protocol' },
  ...Object.fromEntries(
    ['nodad', 'noprefixroute', 'home', 'mngtmpaddr', 'autojoin'].map((name) => [name, { [name]: true }]),
  ),
};

/** ip-route(8). */
export const routeWords: Words = {
  ...same('via dev src metric table scope protocol mtu advmss window initcwnd initrwnd pref tos'),
  ...{ proto: 'protocol', priority: 'metric', preference: 'metric', dsfield: 'tos', to: 'dst' },
  onlink: { onlink: true },
};

export const routeTypes: ReadonlySet<string> = new Set([
  ...['unicast', 'local', 'broadcast', 'anycast', 'multicast'],
  ...['blackhole', 'unreachable', 'prohibit', 'throw'],
]);

/** One way of a route that has several. */
export const wayWords: Words = { ...same('via dev weight'), onlink: { onlink: true } };

/** ip-nexthop(8). */
export const nexthopWords: Words = {
  ...same('id via dev group type buckets idle_timer unbalanced_timer protocol'),
  ...{ proto: 'protocol', onlink: { onlink: true }, blackhole: { blackhole: true }, fdb: { fdb: true } },
};

/** ip-rule(8). */
export const ruleWords: Words = {
  ...same('from to iif oif tos fwmark table ipproto sport dport uidrange goto suppress_prefixlength protocol'),
  ...{ priority: 'priority', pref: 'priority', order: 'priority', preference: 'priority' },
  ...{ lookup: 'table', dev: 'iif', dsfield: 'tos' },
  ...{ not: { not: true }, l3mdev: { l3mdev: true } },
  ...Object.fromEntries(['blackhole', 'unreachable', 'prohibit'].map((type) => [type, { type }])),
};

/** ip-neighbour(8). */
export const neighbourWords: Words = {
  ...same('dev lladdr protocol'),
  ...{ nud: 'state', to: 'dst', router: { router: true }, extern_learn: { extern_learn: true } },
};
