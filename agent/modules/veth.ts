import { defineLinkKind } from './shared/link/define.ts';

export const module = defineLinkKind({
  name: 'veth',
  summary: 'Makes or removes a veth pair: two links, each the end of one cable.',
  notes: 'The task sets up the end that it names; a `link` task sets up the other one.',
  examples: ['veth:\n  name: veth0\n  peer: eth0\n  peer_netns: ns01\n  state: up'],
  needs: 'the kernel module veth (CONFIG_VETH)',
  relation: { role: 'peer', need: 'required' },
  attributes: {},
});
