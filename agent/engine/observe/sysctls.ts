import type { Observing } from '../../linux/queries.ts';
import { text } from '../../modules/shared/rows.ts';
import type { ReadingPlace } from './reading-place.ts';

/** Limits of the tables of neighbours, which all namespaces share: only the first of them shows these (neigh_sysctl_register). */
const tableLimits = (family: 'ipv4' | 'ipv6') => [1, 2, 3].map((level) => `${family}/neigh/default/gc_thresh${level}`);

/** Kernel parameters that decide over packets, below net/ (Documentation/networking/ip-sysctl.rst). */
const general = [
  'ipv4/ip_forward',
  'ipv4/ip_default_ttl',
  'ipv4/ip_nonlocal_bind',
  'ipv4/ip_no_pmtu_disc',
  'ipv4/ip_local_port_range',
  'ipv4/ping_group_range',
  'ipv4/icmp_echo_ignore_all',
  'ipv4/icmp_echo_ignore_broadcasts',
  'ipv4/icmp_ratelimit',
  'ipv4/tcp_mtu_probing',
  'ipv4/tcp_l3mdev_accept',
  'ipv4/udp_l3mdev_accept',
  'ipv4/raw_l3mdev_accept',
  ...tableLimits('ipv4'),
  'ipv6/bindv6only',
  'ipv6/icmp/echo_ignore_all',
  ...tableLimits('ipv6'),
  'core/somaxconn',
  'core/netdev_max_backlog',
  'netfilter/nf_conntrack_max',
  'netfilter/nf_conntrack_count',
  'bridge/bridge-nf-call-iptables',
  'bridge/bridge-nf-call-ip6tables',
  'bridge/bridge-nf-call-arptables',
];

/** Those of each device, and of "all" and "default". */
const ofDevice = {
  ipv4: [
    'rp_filter',
    'forwarding',
    'accept_local',
    'accept_source_route',
    'route_localnet',
    'arp_accept',
    'arp_announce',
    'arp_filter',
    'arp_ignore',
    'proxy_arp',
    'proxy_arp_pvlan',
    'src_valid_mark',
    'log_martians',
    'disable_policy',
    'disable_xfrm',
  ],
  ipv6: [
    'disable_ipv6',
    'forwarding',
    'force_forwarding',
    'hop_limit',
    'mtu',
    'accept_ra',
    'accept_dad',
    'dad_transmits',
    'proxy_ndp',
    'disable_policy',
  ],
} as const;

/** Lines of `net/KEY = VALUE`; what the kernel does not have is left out. */
export async function readSysctls({ host, netns, links }: ReadingPlace): Promise<string> {
  // A device's name is whatever its maker chose; one with these would be another file.
  const names = (await links()).flatMap((link) => text(link, 'ifname') ?? []).filter((name) => !/[/\s]/.test(name));
  const devices = ['all', 'default', ...names];
  const keys = [
    ...general,
    ...Object.entries(ofDevice).flatMap(([family, words]) =>
      devices.flatMap((device) => words.map((word) => `${family}/conf/${device}/${word}`)),
    ),
  ];
  return readLines(host, keys, netns);
}

/** What all namespaces of the host share, as such lines. */
export function readSharedSysctls({ host }: ReadingPlace): Promise<string> {
  return readLines(host, [...tableLimits('ipv4'), ...tableLimits('ipv6')], undefined);
}

async function readLines(host: Observing, keys: readonly string[], netns: string | undefined): Promise<string> {
  const paths = keys.map((key) => `net/${key}`);
  const values = await host.sysctls(paths, netns);
  return paths.flatMap((path, index) => (values[index] === undefined ? [] : `${path} = ${values[index]}`)).join('\n');
}
