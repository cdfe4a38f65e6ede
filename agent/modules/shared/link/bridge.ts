import * as z from 'zod';
import { macAddress } from '../fields.ts';
import { text } from '../rows.ts';
import { type Attribute, info, type More, numeric, toggle, word } from './attribute.ts';
import { vlanProtocol } from './vlan.ts';

/** A time in hundredths of a second. The kernel keeps it in its own ticks, and shows what that makes: one less at most. */
function hundredths(
  description: string,
  key: string,
  more: More<number> & { min?: number; max?: number; json?: string },
) {
  const { min = 0, max = 0x7fffffff, ...rest } = more;
  return numeric(z.int().min(min).max(max).describe(`${description} In hundredths of a second.`), key, {
    ...rest,
    same: (wanted, present) => Math.abs(wanted - present) <= 1,
  });
}

function count(description: string, key: string, more: More<number> & { min?: number; max: number; json?: string }) {
  const { min = 0, max, ...rest } = more;
  return numeric(z.int().min(min).max(max).describe(description), key, rest);
}

/** Kernels without an option show nothing of it. */
function yes(description: string, key: string, unset: boolean, more: More<boolean> = {}): Attribute<boolean> {
  const attribute = toggle(description, key, { on: [key, '1'], off: [key, '0'] }, { unset, ...more });
  return { ...attribute, shows: (row) => (key in info(row) ? attribute.shows(row) : undefined) };
}

/** Bits of 01:80:c2:00:00:0X; ip shows them in hexadecimal, as text. */
export function forwardMask(
  shown: (row: Parameters<Attribute<number>['shows']>[0]) => string | undefined,
): Attribute<number> {
  return {
    field: z
      .int()
      .min(0)
      .max(0xffff)
      .describe('Which packets to 01:80:c2:00:00:0X are passed on, a bit for each X; never STP, pause and LACP.'),
    shows: (row) => {
      const mask = shown(row);
      return mask === undefined ? undefined : Number(mask);
    },
    words: (value) => ['group_fwd_mask', String(value)],
    change: 'in place',
    unset: 0,
  };
}

const spanningTree = {
  stp: toggle(
    'Speaks the spanning tree protocol.',
    'stp_state',
    { on: ['stp_state', '1'], off: ['stp_state', '0'] },
    {
      unset: false,
    },
  ),
  priority: count('Of the bridge in the spanning tree; the lowest becomes the root.', 'priority', {
    max: 65535,
    unset: 32768,
  }),
  forward_delay: hundredths('How long a port listens, and learns, before it forwards.', 'forward_delay', {
    max: 3000,
    unset: 1500,
  }),
  hello_time: hundredths('Time between hello packets of the root.', 'hello_time', { min: 100, max: 1000, unset: 200 }),
  max_age: hundredths('How long the last hello counts.', 'max_age', { min: 600, max: 4000, unset: 2000 }),
};

const forwarding = {
  ageing_time: hundredths('How long a learned address is kept.', 'ageing_time', { unset: 30000 }),
  fdb_max_learned: count('Most addresses that are learned; 0 is no limit.', 'fdb_max_learned', {
    max: 0xffffffff,
    since: '6.7',
    unset: 0,
  }),
  no_linklocal_learn: yes('Learns no addresses from link-local packets.', 'no_linklocal_learn', false),
  group_fwd_mask: forwardMask((row) => text(info(row), 'group_fwd_mask')),
  group_address: word(macAddress.describe('Where its STP packets go: 01:80:c2:00:00:0X.'), 'group_address', {
    json: 'group_addr',
    unset: '01:80:c2:00:00:00',
    same: (wanted, present) => wanted.toLowerCase() === present.toLowerCase(),
  }),
};

/** The kernel refuses some once a port has VLANs, and each has its default one: so a new bridge is made. */
export const vlanAttributes = {
  vlan_filtering: yes('Keeps VLANs apart.', 'vlan_filtering', false),
  vlan_protocol: vlanProtocol('Tag of its VLANs.', 'vlan_protocol'),
  vlan_default_pvid: count('VLAN that a new port has untagged; 0 is none.', 'vlan_default_pvid', {
    max: 4094,
    unset: 1,
  }),
  vlan_stats_enabled: yes('Counts packets of each VLAN.', 'vlan_stats_enabled', false),
  vlan_stats_per_port: yes('Counts them for each port.', 'vlan_stats_per_port', false, { change: 'replace' }),
  mst_enabled: yes('Spanning tree states by VLAN.', 'mst_enabled', false, {
    change: 'replace',
    since: '5.18',
    ip: '6.11',
  }),
};

export const multicastAttributes = {
  mcast_snooping: yes('Learns from IGMP and MLD which ports want a group.', 'mcast_snooping', true),
  mcast_vlan_snooping: yes('Does so for each VLAN.', 'mcast_vlan_snooping', false, { since: '5.15' }),
  mcast_router: count('Whether a router is behind it: 0 no, 1 found out, 2 yes.', 'mcast_router', { max: 2, unset: 1 }),
  mcast_query_use_ifaddr: yes("Sends queries from the bridge's own address.", 'mcast_query_use_ifaddr', false),
  mcast_querier: yes('Sends queries.', 'mcast_querier', false),
  mcast_hash_max: count('Most groups, a power of two.', 'mcast_hash_max', { min: 1, max: 0x80000000, unset: 4096 }),
  mcast_last_member_count: count('Queries after the last one left a group.', 'mcast_last_member_count', {
    json: 'mcast_last_member_cnt',
    max: 0xffff,
    unset: 2,
  }),
  mcast_startup_query_count: count('Queries at the start.', 'mcast_startup_query_count', {
    json: 'mcast_startup_query_cnt',
    max: 0xffff,
    unset: 2,
  }),
  mcast_last_member_interval: hundredths('Between queries after a leave.', 'mcast_last_member_interval', {
    json: 'mcast_last_member_intvl',
    unset: 100,
  }),
  mcast_membership_interval: hundredths('How long a member counts.', 'mcast_membership_interval', {
    json: 'mcast_membership_intvl',
    unset: 26000,
  }),
  mcast_querier_interval: hundredths('How long another querier counts.', 'mcast_querier_interval', {
    json: 'mcast_querier_intvl',
    unset: 25500,
  }),
  mcast_query_interval: hundredths('Between queries.', 'mcast_query_interval', {
    json: 'mcast_query_intvl',
    min: 100,
    unset: 12500,
  }),
  mcast_query_response_interval: hundredths('How long members may wait.', 'mcast_query_response_interval', {
    json: 'mcast_query_response_intvl',
    unset: 1000,
  }),
  mcast_startup_query_interval: hundredths('Between queries at the start.', 'mcast_startup_query_interval', {
    json: 'mcast_startup_query_intvl',
    min: 100,
    unset: 3125,
  }),
  mcast_stats_enabled: yes('Counts IGMP and MLD.', 'mcast_stats_enabled', false),
  mcast_igmp_version: count('Of IGMP.', 'mcast_igmp_version', { min: 2, max: 3, unset: 2 }),
  mcast_mld_version: count('Of MLD.', 'mcast_mld_version', { min: 1, max: 2, unset: 1 }),
};

export const bridgeAttributes = {
  ...spanningTree,
  ...forwarding,
  ...vlanAttributes,
  ...multicastAttributes,
  nf_call_iptables: yes('Hands IPv4 packets to iptables.', 'nf_call_iptables', false),
  nf_call_ip6tables: yes('Hands IPv6 packets to ip6tables.', 'nf_call_ip6tables', false),
  nf_call_arptables: yes('Hands ARP packets to arptables.', 'nf_call_arptables', false),
};
