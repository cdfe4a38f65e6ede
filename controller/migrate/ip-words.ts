/** What a word of ip is to a module: a parameter whose value is the next word, or one that it sets by itself. */
export type Meaning = string | Readonly<Record<string, string | boolean | readonly string[]>>;

type Words = Readonly<Record<string, Meaning>>;

/** Words that are called as the parameter. */
const same = (names: string): Words => Object.fromEntries(names.split(' ').map((name) => [name, name]));

/** Of any link (ip-link(8)). */
export const linkWords: Words = {
  ...same('mtu address txqueuelen group alias master addrgenmode'),
  ...same('gso_max_size gso_max_segs gro_max_size gso_ipv4_max_size gro_ipv4_max_size'),
  ...{ txqlen: 'txqueuelen', qlen: 'txqueuelen', vrf: 'master' },
  ...{ up: { state: 'up' }, down: { state: 'down' }, nomaster: { master: '' } },
};

/** Followed by on or off. */
export const switches: ReadonlySet<string> = new Set(['arp', 'multicast', 'allmulticast', 'promisc', 'protodown']);

const none: Words = {};
/** Of tunnels over UDP. */
const checksums = { udpcsum: 'udp_csum', udp6zerocsumtx: 'udp_zero_csum6_tx', udp6zerocsumrx: 'udp_zero_csum6_rx' };
const ipvlanWords: Words = {
  mode: 'mode',
  ...Object.fromEntries(['bridge', 'private', 'vepa'].map((flag) => [flag, { flag }])),
};

/** Parameters that are true or false, where ip has numbers. */
export const booleans: ReadonlySet<string> = new Set([
  ...['stp', 'vlan_filtering', 'vlan_stats_enabled', 'vlan_stats_per_port', 'mst_enabled', 'no_linklocal_learn'],
  ...['mcast_snooping', 'mcast_vlan_snooping', 'mcast_querier', 'mcast_query_use_ifaddr', 'mcast_stats_enabled'],
  ...['nf_call_iptables', 'nf_call_ip6tables', 'nf_call_arptables', 'quickack', 'fastopen_no_cookie'],
  ...['use_carrier', 'all_slaves_active', 'tlb_dynamic_lb', 'lacp_active', 'coupled_control'],
  ...['reorder_hdr', 'gvrp', 'mvrp', 'loose_binding', 'bridge_binding'],
  ...['encrypt', 'protect', 'send_sci', 'end_station', 'scb'],
]);

/** Parameters that are lists, where ip has commas. */
export const lists: ReadonlySet<string> = new Set(['arp_ip_target', 'ns_ip6_target', 'segs', 'flavors', 'features']);

/** Parameters in milliseconds, where ip has units. */
export const times: ReadonlySet<string> = new Set(['rtt', 'rttvar', 'rto_min']);

/** Words that set one parameter to true, and with "no" before them to false. */
const eitherWay = (names: Words): Words =>
  Object.fromEntries(
    Object.entries(names).flatMap(([word, name]) => [
      [word, { [String(name)]: true }],
      [`no${word}`, { [String(name)]: false }],
    ]),
  );

const tunnel: Words = {
  ...same('local remote ttl tos key ikey okey fwmark'),
  ...{ dev: 'parent', external: { external: true }, ...eitherWay({ pmtudisc: 'pmtudisc' }) },
};
const tunnel6: Words = {
  ...same('local remote key ikey okey fwmark hoplimit tclass flowlabel encaplimit'),
  ...{ ttl: 'hoplimit', hlim: 'hoplimit', tos: 'tclass', dsfield: 'tclass', dev: 'parent' },
  ...{ external: { external: true }, ...eitherWay({ 'allow-localremote': 'allow_localremote' }) },
};
/** What the header of GRE has, both ways or one. */
const gre: Words = {
  ...eitherWay({ ...same('icsum ocsum iseq oseq'), 'ignore-df': 'ignore_df' }),
  ...{ csum: { icsum: true, ocsum: true }, seq: { iseq: true, oseq: true } },
};

/** Of each kind of link whose options are their parameters' names, or nearly so. */
export const kindWords: Readonly<Record<string, Words>> = {
  dummy: none,
  ifb: none,
  nlmon: none,
  wireguard: none,
  veth: none,
  netkit: { ...same('mode scrub'), forward: { policy: 'forward' }, blackhole: { policy: 'blackhole' } },
  vlan: {
    ...same('id protocol reorder_hdr gvrp mvrp loose_binding bridge_binding'),
    ...{ proto: 'protocol', 'ingress-qos-map': 'ingress_qos_map', 'egress-qos-map': 'egress_qos_map' },
  },
  vxlan: {
    ...same('id local remote ttl tos ageing limit df flowlabel'),
    ...{ vni: 'id', dev: 'parent', dstport: 'port', group: 'multicast_group', maxaddress: 'limit', hoplimit: 'ttl' },
    srcport: 'port_range',
    ...eitherWay({ ...same('learning proxy rsc l2miss l3miss gbp gpe external vnifilter localbypass'), ...checksums }),
    ...eitherWay({ remcsumtx: 'remcsum_tx', remcsumrx: 'remcsum_rx' }),
  },
  geneve: {
    ...same('id remote ttl tos df flowlabel'),
    ...{ vni: 'id', dstport: 'port', hoplimit: 'ttl', dsfield: 'tos' },
    ...eitherWay({ external: 'external', ...checksums }),
    innerprotoinherit: { inner_proto_inherit: true },
  },
  // `replay on window N`, or `replay off`.
  macsec: {
    ...same('port cipher icvlen encrypt protect send_sci end_station scb validate encodingsa offload'),
    ...{ replay: 'replay_window', window: 'replay_window' },
  },
  xfrm: { if_id: 'if_id', dev: 'parent', external: { external: true } },
  bond_slave: same('prio queue_id'),
  macvlan: { ...same('mode bcqueuelen bclim'), nopromisc: { flags: ['nopromisc'] } },
  macvtap: { mode: 'mode', nopromisc: { flags: ['nopromisc'] } },
  ipvlan: ipvlanWords,
  ipvtap: ipvlanWords,
  vrf: same('table'),
  bond: same(
    'mode miimon updelay downdelay peer_notify_delay use_carrier arp_interval arp_validate arp_all_targets arp_missed_max ' +
      'primary primary_reselect fail_over_mac xmit_hash_policy resend_igmp num_grat_arp all_slaves_active min_links ' +
      'lp_interval packets_per_slave tlb_dynamic_lb ad_select lacp_rate lacp_active coupled_control ad_user_port_key ' +
      'ad_actor_sys_prio ad_actor_system active_slave arp_ip_target ns_ip6_target',
  ),
  bridge: {
    ...same('forward_delay hello_time max_age ageing_time priority fdb_max_learned no_linklocal_learn group_fwd_mask'),
    ...same('group_address vlan_filtering vlan_protocol vlan_default_pvid vlan_stats_enabled vlan_stats_per_port'),
    ...same('mst_enabled mcast_snooping mcast_vlan_snooping mcast_router mcast_query_use_ifaddr mcast_querier'),
    ...same('mcast_hash_max mcast_last_member_count mcast_startup_query_count mcast_last_member_interval'),
    ...same('mcast_membership_interval mcast_querier_interval mcast_query_interval mcast_query_response_interval'),
    ...same('mcast_startup_query_interval mcast_stats_enabled mcast_igmp_version mcast_mld_version'),
    ...same('nf_call_iptables nf_call_ip6tables nf_call_arptables'),
    ...{ stp_state: 'stp' },
  },
  gre: { ...tunnel, ...gre },
  gretap: { ...tunnel, ...gre },
  ipip: { ...tunnel, mode: 'mode' },
  sit: { ...tunnel, mode: 'mode' },
  ip6gre: { ...tunnel6, ...gre },
  ip6gretap: { ...tunnel6, ...gre },
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
export const portWords: Words = { ...same('cost priority mcast_router backup_port state'), dev: 'dev' };

/** Kinds that the link `link DEV` of the command carries, by the parameter that names it. */
export const parents: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec']);

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
  ...same('via dev src metric table scope protocol mtu advmss window initcwnd initrwnd pref tos from nhid'),
  ...same('rtt rttvar rto_min ssthresh cwnd reordering hoplimit quickack fastopen_no_cookie congctl features'),
  ...{ realm: 'realm', realms: 'realm' },
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
  ...same('type tun_id suppress_ifgroup realms dscp flowlabel'),
  ...{ priority: 'priority', prio: 'priority', pref: 'priority', order: 'priority', preference: 'priority' },
  ...{ lookup: 'table', dev: 'iif', dsfield: 'tos' },
  ...{ not: { not: true }, l3mdev: { l3mdev: true } },
  ...Object.fromEntries(['blackhole', 'unreachable', 'prohibit', 'nop'].map((type) => [type, { type }])),
};

/** ip-neighbour(8). */
export const neighbourWords: Words = {
  ...same('dev lladdr protocol'),
  ...{ nud: 'state', to: 'dst', router: { router: true }, extern_learn: { extern_learn: true } },
  managed: { managed: true },
};
