import { toggle } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';

export const module = defineLinkKind({
  name: 'bridge',
  summary: 'Makes or removes a bridge: a switch, whose ports are other links.',
  notes: 'A link becomes a port by its `master`.',
  examples: ['bridge:\n  name: br0\n  state: up'],
  needs: 'the kernel module bridge (CONFIG_BRIDGE)',
  attributes: {
    stp: toggle(
      'Speaks the spanning tree protocol.',
      'stp_state',
      { on: ['stp_state', '1'], off: ['stp_state', '0'] },
      { unset: false },
    ),
    vlan_filtering: toggle(
      'Keeps VLANs apart.',
      'vlan_filtering',
      { on: ['vlan_filtering', '1'], off: ['vlan_filtering', '0'] },
      { unset: false },
    ),
  },
});
