import type { Observing } from '../../linux/ip/queries.ts';
import { text } from '../../modules/shared/rows.ts';
import type { ReadingPlace } from './reading-place.ts';

/** Limits of the tables of neighbours, which all namespaces share: only the first of them shows these (neigh_sysctl_register). */
const tableLimits = ['ipv4/neigh/default/gc_thresh3', 'ipv6/neigh/default/gc_thresh3'];

/** Kernel parameters that decide over packets, below net/ (Documentation/networking/ip-sysctl.rst). */
const general = [
  'ipv4/ip_forward',
  'ipv4/ip_default_ttl',
  'ipv4/icmp_echo_ignore_all',
  ...tableLimits,
  'ipv6/icmp/echo_ignore_all',
  'netfilter/nf_conntrack_max',
  'netfilter/nf_conntrack_count',
  'bridge/bridge-nf-call-iptables',
  'bridge/bridge-nf-call-ip6tables',
];

/** Those of each device, and of "all" and "default". */
const ofDevice = {
  ipv4: [
    'rp_filter',
    'src_valid_mark',
    'forwarding',
    'accept_local',
    'route_localnet',
    'arp_announce',
    'arp_filter',
    'arp_ignore',
    'proxy_arp',
  ],
  ipv6: ['disable_ipv6', 'forwarding', 'force_forwarding', 'hop_limit', 'accept_ra'],
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
  return readLines(host, tableLimits, undefined);
}

async function readLines(host: Observing, keys: readonly string[], netns: string | undefined): Promise<string> {
  const paths = keys.map((key) => `net/${key}`);
  const values = await host.sysctls(paths, netns);
  return paths.flatMap((path, index) => (values[index] === undefined ? [] : `${path} = ${values[index]}`)).join('\n');
}
