import { type BridgeExtra, bridgeExtra } from './shared/bridge/extra.ts';
import { bridgeAttributes } from './shared/link/bridge.ts';
import { defineLinkKind } from './shared/link/define.ts';

export const module = defineLinkKind<typeof bridgeAttributes, BridgeExtra>({
  name: 'bridge',
  summary: 'Makes or removes a bridge: a switch, whose ports are other links.',
  notes: 'A link becomes a port by its `master`; `bridge_port` sets up ports, `fdb` and `mdb` make entries.',
  examples: [
    'bridge:\n  name: br0\n  state: up',
    'bridge:\n  name: br0\n  vlan_filtering: true\n  vlan_default_pvid: 0\n  vlans: [{id: 10, pvid: true, untagged: true}, {id: 20-29}]',
  ],
  needs:
    'the kernel module bridge (CONFIG_BRIDGE), for VLANs with CONFIG_BRIDGE_VLAN_FILTERING, for multicast with CONFIG_BRIDGE_IGMP_SNOOPING',
  attributes: bridgeAttributes,
  // Else the next port brings its own (br_mtu_auto_adjust in net/bridge/br_if.c).
  late: ['mtu'],
  // What it sets up by itself else, and then refuses (br_set_forward_delay and br_stp_start, net/bridge).
  check: ({ stp, forward_delay = 1500 }) =>
    stp === true && forward_delay < 200 ? [['forward_delay', 'is 200 or more with stp']] : [],
  // So it is said before, and undo brings it back once there is no STP.
  via: ({ stp, forward_delay = 200 }, present) =>
    stp === true && present.stp === false && Number(present.forward_delay) < 200 ? { forward_delay } : undefined,
  extra: bridgeExtra,
});
