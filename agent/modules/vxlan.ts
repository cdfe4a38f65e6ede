import * as z from 'zod';
import { lostDefault, planDefault } from './shared/bridge/default-entry.ts';
import type { FdbEntry } from './shared/bridge/fdb.ts';
import { type Vnis, vniExtra, vniProblems } from './shared/bridge/vnis.ts';
import { u32 } from './shared/fields.ts';
import { type Attribute, info, numeric, toggle, type ValuesOf } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import type { LinkExtra } from './shared/link/kind.ts';
import { df, port, tos, udpEnd, udpFlowlabel, udpTtl, vni } from './shared/link/tunnel.ts';
import { number, object } from './shared/rows.ts';

/** On or off for as long as the link lives (vxlan_nl2flag in drivers/net/vxlan/vxlan_core.c). */
function fixed(description: string, key: string, word: string, unset = false): Attribute<boolean> {
  const say = { on: [word], off: [`no${word}`] };
  return toggle(description, key, say, { change: 'replace', unset });
}

/** A format of the header: ip has no word to take it off. */
function format(description: string, word: string): Attribute<boolean> {
  return toggle(description, word, { on: [word], off: [] }, { change: 'replace', unset: false });
}

const ttl: typeof udpTtl = {
  ...udpTtl,
  except: {
    change: 'replace',
    when: (wanted, present) => wanted === 'inherit' || present === 'inherit',
    text: 'to or from inherit',
  },
};

const portRange: Attribute<string> = {
  field: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'a port range is two numbers: "40000-50000"')
    .describe('Source ports of the outer packets, "40000-50000".'),
  shows: (row) => {
    const range = object(info(row), 'port_range');
    return `${number(range, 'low')}-${number(range, 'high')}`;
  },
  words: (value) => ['srcport', ...value.split('-')],
  change: 'replace',
  unset: '0-0',
};

const attributes = {
  id: vni,
  local: udpEnd('Address that the outer packets come from.', 'local'),
  remote: udpEnd('Where packets go for which the fdb has no entry.', 'remote'),
  multicast_group: {
    ...udpEnd('Multicast group where such packets go (`group` of ip); needs a parent.', 'group'),
    withParent: true,
  },
  port: numeric(port.describe("UDP port; IANA's is 4789; default: the kernel's, 8472, or 4790 with gpe."), 'dstport', {
    json: 'port',
    change: 'replace',
  }),
  port_range: portRange,
  ttl,
  tos,
  df,
  flowlabel: udpFlowlabel,
  learning: toggle(
    'Learns from incoming packets where addresses are.',
    'learning',
    { on: ['learning'], off: ['nolearning'] },
    { unset: true },
  ),
  ageing: numeric(u32.describe('Seconds until a learned address is forgotten.'), 'ageing', { unset: 300 }),
  limit: {
    field: u32.describe('Most addresses in the fdb (`maxaddress` of ip); 0: no limit.'),
    shows: (row) => number(info(row), 'limit') ?? 0,
    words: (value) => ['maxaddress', String(value)],
    change: 'replace',
    unset: 0,
  } satisfies Attribute<number>,
  proxy: fixed('Answers ARP and neighbour solicitations in the place of others.', 'proxy', 'proxy'),
  rsc: fixed('Route short circuit: routes for stations itself.', 'rsc', 'rsc'),
  l2miss: fixed('Tells user space of unknown MAC addresses.', 'l2miss', 'l2miss'),
  l3miss: fixed('Tells user space of unknown IP addresses.', 'l3miss', 'l3miss'),
  udp_csum: fixed('UDP checksums over IPv4.', 'udp_csum', 'udpcsum', true),
  udp_zero_csum6_tx: fixed('Sends no UDP checksums over IPv6.', 'udp_zero_csum6_tx', 'udp6zerocsumtx'),
  udp_zero_csum6_rx: fixed('Takes packets without UDP checksum over IPv6.', 'udp_zero_csum6_rx', 'udp6zerocsumrx'),
  remcsum_tx: fixed('Sends with remote checksum offload.', 'remcsum_tx', 'remcsumtx'),
  remcsum_rx: fixed('Takes remote checksum offload.', 'remcsum_rx', 'remcsumrx'),
  localbypass: toggle(
    "Hands packets for this host's own VTEPs straight to them.",
    'localbypass',
    { on: ['localbypass'], off: ['nolocalbypass'] },
    { since: '6.5', unset: true },
  ),
  gbp: format('Group based policy in the header.', 'gbp'),
  gpe: format('Generic protocol extension: any protocol inside; needs external.', 'gpe'),
  external: fixed('Each packet says its own VNI and ends (metadata of routes, tc or eBPF).', 'external', 'external'),
  vnifilter: {
    ...fixed('Takes only the VNIs of `vnis`; needs external.', 'vnifilter', 'vnifilter'),
    since: '5.18',
  },
} as const;

function problems(
  params: ValuesOf<typeof attributes> & { readonly state?: string; readonly parent?: string | undefined },
) {
  const found: [string, string][] = [];
  const { id, external, remote, multicast_group: group, parent } = params;
  if (params.state !== 'absent' && id === undefined && external !== true)
    found.push(['id', 'vxlan needs an id, or external']);
  if (id !== undefined && external === true) found.push(['id', 'an external vxlan has no id of its own']);
  if (remote !== undefined && group !== undefined) found.push(['remote', 'there is a multicast_group already']);
  if (group !== undefined && parent === undefined)
    found.push(['multicast_group', 'needs parent, the link it is joined on']);
  if (params.vnifilter === true && external !== true) found.push(['vnifilter', 'needs external']);
  const { vnis } = params as { readonly vnis?: Parameters<typeof vniProblems>[0] };
  if (vnis !== undefined && params.vnifilter !== true) found.push(['vnis', 'needs vnifilter']);
  for (const problem of vniProblems(vnis ?? [], parent !== undefined)) found.push(['vnis', problem]);
  if (params.gpe === true && params.gbp === true) found.push(['gpe', 'the header has gbp or gpe']);
  return found;
}

/** VNIs of one with vnifilter, and the entry for `remote`. */
const extra: LinkExtra<{ readonly vnis: Vnis; readonly lost: FdbEntry | undefined }> = {
  fields: vniExtra.fields,
  needs: (params) => vniExtra.needs?.(params) ?? [],
  async read(params, host, link) {
    return { vnis: await vniExtra.read(params, host, link), lost: await lostDefault(params, host, link) };
  },
  plan(params, present) {
    const [vnis, entry] = [vniExtra.plan(params, present.vnis), planDefault(params, present.lost)];
    return {
      steps: [...vnis.steps, ...entry.steps],
      before: { ...vnis.before, ...entry.before },
      after: { ...vnis.after, ...entry.after },
    };
  },
  remake: (params, { vnis }) => vniExtra.remake(params, vnis),
};

export const module = defineLinkKind({
  name: 'vxlan',
  summary: 'Makes or removes a vxlan link: Ethernet over UDP, to one host, a multicast group, or those its fdb names.',
  notes: 'Without `remote` and `multicast_group`, entries of its fdb say where packets go.',
  examples: [
    'vxlan:\n  name: vx100\n  id: 100\n  local: 172.16.91.10\n  remote: 172.16.91.14\n  port: 4789\n  master: br0\n  state: up',
    'vxlan:\n  name: vx7\n  netns: ns01\n  id: 7\n  multicast_group: 239.1.1.7\n  parent: ens34\n  port: 4789\n  ttl: 8\n  state: up',
    'vxlan:\n  name: vxf\n  external: true\n  vnifilter: true\n  port: 4789\n  vnis:\n    - { id: 100, remote: 172.16.91.14 }\n    - { id: 200-209 }',
  ],
  needs: 'the kernel module vxlan (CONFIG_VXLAN)',
  relation: { role: 'parent', need: 'optional', as: 'dev', shownInside: true },
  underlay: 'shown',
  // ip says so with `external`.
  fresh: ({ external }) => (external === true ? { learning: false } : {}),
  attributes,
  check: problems,
  extra,
});
