import type { TaskNeed } from '../../module.ts';
import type { Values } from '../link/attribute.ts';
import { multicastAttributes, vlanAttributes } from '../link/bridge.ts';

/** Options of the kernel (net/bridge/Kconfig), and what bridges and ports have by them. */
const byOption: Readonly<Record<string, readonly string[]>> = {
  BRIDGE_VLAN_FILTERING: [...Object.keys(vlanAttributes), 'vlans', 'neigh_vlan_suppress', 'vlan_tunnel'],
  BRIDGE_IGMP_SNOOPING: [...Object.keys(multicastAttributes), 'fastleave', 'mcast_to_unicast', 'grp'],
};

/** What a host must have for those that have a value. */
export function bridgeNeeds(values: Values): TaskNeed[] {
  return Object.entries(byOption).flatMap(([which, names]) =>
    names.filter((name) => values[name] !== undefined).map((option): TaskNeed => ({ what: 'config', which, option })),
  );
}
