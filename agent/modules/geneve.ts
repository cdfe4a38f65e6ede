import { numeric, toggle, type ValuesOf } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { df, port, tos, udpEnd, udpFlowlabel, udpTtl, vni } from './shared/link/tunnel.ts';

const attributes = {
  id: vni,
  // A request that names an IPv6 remote resets udp_zero_csum6_* (geneve_nl2info in drivers/net/geneve.c).
  remote: udpEnd('Where the outer packets go.', 'remote', { replacedInV6: true }),
  ttl: udpTtl,
  tos,
  df,
  flowlabel: udpFlowlabel,
  port: numeric(port.describe('UDP port.'), 'dstport', { json: 'port', change: 'replace', unset: 6081 }),
  udp_csum: toggle(
    'UDP checksums over IPv4.',
    'udp_csum',
    { on: ['udpcsum'], off: ['noudpcsum'] },
    { change: 'replace', unset: false },
  ),
  udp_zero_csum6_tx: toggle(
    'Sends no UDP checksums over IPv6.',
    'udp_zero_csum6_tx',
    { on: ['udp6zerocsumtx'], off: ['noudp6zerocsumtx'] },
    { change: 'replace', unset: false },
  ),
  udp_zero_csum6_rx: toggle(
    'Takes packets without UDP checksum over IPv6.',
    'udp_zero_csum6_rx',
    { on: ['udp6zerocsumrx'], off: ['noudp6zerocsumrx'] },
    { change: 'replace' },
  ),
  inner_proto_inherit: toggle(
    'Carries packets of any protocol, without Ethernet header.',
    'inner_proto_inherit',
    { on: ['innerprotoinherit'], off: [] },
    { change: 'replace', since: '5.18', unset: false },
  ),
  external: toggle(
    'Each packet says its own VNI and end (metadata of routes, tc or eBPF).',
    'external',
    { on: ['external'], off: [] },
    { change: 'replace', unset: false },
  ),
} as const;

function problems(params: ValuesOf<typeof attributes> & { readonly state?: string }) {
  const { id, remote, external } = params;
  const found: [string, string][] = [];
  if (external === true) {
    for (const name of ['id', 'remote', 'ttl', 'tos'] as const) {
      if (params[name] !== undefined) found.push([name, 'an external geneve link has it in each packet']);
    }
  } else if (params.state !== 'absent') {
    if (id === undefined) found.push(['id', 'geneve needs an id, or external']);
    if (remote === undefined) found.push(['remote', 'geneve needs a remote, or external']);
  }
  return found;
}

export const module = defineLinkKind({
  name: 'geneve',
  summary: 'Makes or removes a geneve link: Ethernet over UDP to one other host.',
  examples: ['geneve:\n  name: gnv0\n  id: 100\n  remote: 172.16.91.14\n  netns: ns01\n  state: up'],
  needs: 'the kernel module geneve (CONFIG_GENEVE)',
  // geneve_link_ops has no get_link_net (drivers/net/geneve.c).
  underlay: 'hidden',
  attributes,
  // One that works its mtu out by itself does not tell IPv6, whose own stays larger; given it at once it tells, and has
  // no way back to that (geneve_link_config in drivers/net/geneve.c).
  late: ['mtu'],
  // ip/iplink_geneve.c wants the id in every request.
  together: (['remote', 'ttl', 'tos', 'df', 'flowlabel'] as const).map((name) => ['id', name]),
  check: problems,
});
