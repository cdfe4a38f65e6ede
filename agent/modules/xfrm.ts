import * as z from 'zod';
import { toggle, type ValuesOf } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { marked } from './shared/link/tunnel.ts';

const attributes = {
  if_id: {
    ...marked(z.int().min(1).max(0xffffffff).describe('Id that its policies and states have as if_id.'), 'if_id', {
      except: { change: 'replace', when: (_, present) => !present, text: 'from external' },
    }),
    // Without its parent the kernel takes the request for one to change that, too (xfrmi_change, net/xfrm).
    withParent: true,
  },
  external: toggle(
    'Each packet says its own if_id (metadata of routes, tc or eBPF).',
    'external',
    { on: ['external'], off: [] },
    { change: 'replace', since: '6.1', unset: false },
  ),
};

function problems(params: ValuesOf<typeof attributes> & { readonly state?: string }): [string, string][] {
  if (params.external === true) return params.if_id === undefined ? [] : [['if_id', 'an external xfrm link has none']];
  return params.state === 'absent' || params.if_id !== undefined ? [] : [['if_id', 'xfrm needs an if_id, or external']];
}

export const module = defineLinkKind({
  name: 'xfrm',
  summary: 'Makes or removes an xfrm link: what is routed to it takes the IPsec policies of its if_id.',
  examples: ['xfrm:\n  name: ipsec0\n  if_id: 42\n  parent: ens34\n  netns: ns01\n  state: up'],
  needs: 'the kernel module xfrm_interface (CONFIG_XFRM_INTERFACE)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: 'xfrm links have no MAC address' },
  fresh: { arp: false, multicast: false },
  check: problems,
});
