import * as z from 'zod';
import type { Action } from '../../module.ts';
import { checked, u32 } from '../fields.ts';
import type { Attribute, Attributes, More } from '../link/attribute.ts';
import { forwardMask } from '../link/bridge.ts';
import { keptValues } from '../link/remake.ts';
import { slaveData as port, type SlaveKind, slaveEdits, slaveValues } from '../link/slave.ts';
import { linkNameProblem } from '../names.ts';
import { number, type Row, text } from '../rows.ts';

function onOff(description: string, key: string, unset: boolean, since?: string): Attribute<boolean> {
  return {
    field: z.boolean().describe(description),
    // A kernel that does not know the flag does not show it.
    shows: (row) => (key in port(row) ? port(row)[key] === true : undefined),
    words: (value) => [key, value ? 'on' : 'off'],
    change: 'in place',
    ...(since === undefined ? {} : { since }),
    unset,
  };
}

function count(
  description: string,
  key: string,
  { min = 0, max, json = key, ...more }: More<number> & { min?: number; max: number; json?: string },
): Attribute<number> {
  return {
    change: 'in place',
    ...more,
    field: z.int().min(min).max(max).describe(description),
    shows: (row) => number(port(row), json),
    words: (value) => [key, String(value)],
  };
}

const backupPort: Attribute<string> = {
  field: checked((name) => (name === '' ? undefined : linkNameProblem(name))).describe(
    'Port that takes its packets while it is down; an empty string is none.',
  ),
  shows: (row) => text(port(row), 'backup_port') ?? '',
  words: (value) => (value === '' ? ['nobackup_port'] : ['backup_port', value]),
  change: 'in place',
  unset: '',
};

/**
 * States of a port in the spanning tree that can be set, by the kernel's numbers (BR_STATE_*, include/uapi/linux/if_bridge.h):
 * it lets a blocking port forward at once while there is no spanning tree.
 */
export const portStates = ['disabled', 'listening', 'learning', 'forwarding'] as const;

/** The state of a port in a row of `ip -d link show`; undefined: one that the kernel alone sets. */
export function portState(row: Row): (typeof portStates)[number] | undefined {
  return portStates.find((state) => state === text(port(row), 'state'));
}

/** What sets it. Not `ip link set`: that tells of a change, upon which the kernel enables a disabled port (br_port_carrier_check). */
export function setPortState(netns: string | undefined, name: string, state: (typeof portStates)[number]): Action {
  return { op: 'bridge', netns, args: ['link', 'set', 'dev', name, 'state', String(portStates.indexOf(state))] };
}

/**
 * Settings that a bridge's port keeps. The state in the spanning tree is not among them: the kernel takes one only while
 * STP is off, and sets it by itself when the link goes up or down.
 */
export const portAttributes = {
  cost: count('Of the way through it, in the spanning tree.', 'cost', { min: 1, max: 65535 }),
  priority: count('Of the port in the spanning tree.', 'priority', { max: 63, unset: 32 }),
  guard: onOff('Drops hellos of the spanning tree that come in.', 'guard', false),
  root_block: onOff('Never becomes the root port.', 'root_block', false),
  hairpin: onOff('Sends packets back out of the port that they came from.', 'hairpin', false),
  fastleave: onOff('Takes it out of a group at the first leave.', 'fastleave', false),
  learning: onOff('Learns addresses.', 'learning', true),
  flood: onOff('Gets packets to unknown addresses.', 'flood', true),
  mcast_flood: onOff('Gets packets to unknown groups.', 'mcast_flood', true),
  bcast_flood: onOff('Gets broadcasts.', 'bcast_flood', true),
  mcast_router: count('Whether a router is behind it: 0 no, 1 found out, 2 yes, 3 for a time.', 'mcast_router', {
    json: 'multicast_router',
    max: 3,
    unset: 1,
  }),
  mcast_to_unicast: onOff('Sends packets to groups to each member by itself.', 'mcast_to_unicast', false),
  proxy_arp: onOff('Answers ARP for others.', 'proxy_arp', false),
  proxy_arp_wifi: onOff('Answers ARP as access points do.', 'proxy_arp_wifi', false),
  neigh_suppress: onOff('Answers ARP and NDP from known neighbours, and passes them not on.', 'neigh_suppress', false),
  neigh_vlan_suppress: onOff('Does so only for VLANs that say so.', 'neigh_vlan_suppress', false, '6.4'),
  vlan_tunnel: onOff("Maps VLANs to a tunnel's.", 'vlan_tunnel', false),
  isolated: onOff('Reaches only ports that are not isolated.', 'isolated', false),
  locked: onOff('Takes packets only from addresses of the fdb.', 'locked', false, '5.18'),
  mab: onOff('locked: makes locked entries for other addresses; needs learning.', 'mab', false, '6.2'),
  group_fwd_mask: forwardMask((row) => text(port(row), 'group_fwd_mask')),
  backup_port: backupPort,
  backup_nhid: {
    field: u32.describe('Next hop object for packets to the backup port; 0 is none.'),
    shows: (row) => number(port(row), 'backup_nhid') ?? 0,
    words: (value) => ['backup_nhid', String(value)],
    change: 'in place',
    since: '6.6',
    unset: 0,
  },
} satisfies Attributes;

/** A port of a bridge. The kernel looks at some together: mab needs locked and learning (br_setport, net/bridge/br_netlink.c). */
export const bridgePort: SlaveKind = {
  master: 'bridge',
  as: 'port of a bridge',
  attributes: portAttributes,
  together: [['learning', 'locked', 'mab']],
};

/** Gives a link that was put under a bridge again what it had as a port. `present`: what it is as one by now; none: it has begun anew. */
export function portCommands(netns: string | undefined, name: string, row: Row, present?: Row): Action[] {
  const had = slaveValues(bridgePort, row);
  const edits =
    present === undefined
      ? slaveEdits(bridgePort, name, keptValues(undefined, had, portAttributes), {})
      : slaveEdits(bridgePort, name, had, slaveValues(bridgePort, present));
  return edits.map(({ there }) => ({ op: 'ip', netns, args: there }));
}
