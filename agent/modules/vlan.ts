import * as z from 'zod';
import { numeric } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { qosMap, vlanFlag, vlanProtocol } from './shared/link/vlan.ts';

export const module = defineLinkKind({
  name: 'vlan',
  summary: 'Makes or removes a VLAN link: the packets of a parent that carry one tag.',
  examples: [
    'vlan:\n  name: ens34.10\n  parent: ens34\n  id: 10\n  state: up',
    'vlan:\n  name: inner\n  parent: outer\n  id: 7\n  netns: ns01\n  egress_qos_map: [{from: 0, to: 3}]',
  ],
  needs: 'the kernel module 8021q (CONFIG_VLAN_8021Q)',
  relation: { role: 'parent', need: 'required', stacks: true },
  attributes: {
    protocol: {
      ...vlanProtocol('Of the tag: 802.1ad marks the outer one of two.', 'protocol'),
      change: 'replace',
    },
    // The kernel takes another id of a link that is there and goes on with the old one (vlan_changelink, net/8021q).
    id: numeric(z.int().min(0).max(4094).describe('Number of the VLAN.'), 'id', { change: 'replace' }),
    reorder_hdr: vlanFlag('reorder_hdr', true, 'Takes the tag out of packets that it hands up.'),
    gvrp: vlanFlag('gvrp', false, 'Registers the VLAN with switches, by GVRP.'),
    mvrp: vlanFlag('mvrp', false, 'Registers the VLAN with switches, by MVRP.'),
    loose_binding: vlanFlag('loose_binding', false, 'Stays as it is when the parent goes up or down.'),
    bridge_binding: vlanFlag(
      'bridge_binding',
      false,
      'Up while a port of the parent, a bridge, has the VLAN and is up.',
    ),
    ingress_qos_map: qosMap('ingress'),
    egress_qos_map: qosMap('egress'),
  },
  check: ({ id, state }) => (id === undefined && state !== 'absent' ? [['id', 'say the number of the VLAN']] : []),
});
