import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { defineModule, type Plan } from './module.ts';
import { entryView, type FdbEntry, hasMany, placeEntry, removeEntry } from './shared/bridge/fdb.ts';
import { type FdbState, readEntry } from './shared/bridge/fdb-read.ts';
import { inNetns, ipAddress, linkName, macAddress, noneOf, presence, u32 } from './shared/fields.ts';
import { formatIp, parseIp } from './shared/ip-address.ts';
import { placed } from './shared/place.ts';

const fields = z.strictObject({
  lladdr: macAddress.describe('MAC address; of a VXLAN all zeroes stand for all that it does not know.'),
  dev: linkName.describe('Port of a bridge, the bridge itself, a VXLAN, or another link that takes packets for it.'),
  netns: inNetns,
  of: z
    .enum(['master', 'self'])
    .optional()
    .describe(
      'Whose entry: of the bridge that dev is a port of, or of dev itself; default: self with dst, else master.',
    ),
  type: z
    .enum(['static', 'permanent'])
    .optional()
    .describe('permanent: the address is local, its packets are taken; default: static of master, permanent of self.'),
  vlan: z.int().min(1).max(4094).optional().describe('Only for this VLAN.'),
  sticky: z.boolean().optional().describe('Does not move to another port.'),
  dst: ipAddress.optional().describe('VXLAN: where packets go. Of an address of all zeroes there may be several.'),
  port: z.int().min(1).max(65535).optional().describe("VXLAN: UDP port there; default: the link's."),
  vni: z.int().min(0).max(0xffffff).optional().describe("VXLAN: network there; default: the link's."),
  src_vni: z.int().min(0).max(0xffffff).optional().describe('VXLAN without id of its own: network here.'),
  via: linkName.optional().describe('VXLAN: link that packets leave by.'),
  nhid: u32.min(1).optional().describe('VXLAN: next hop group, in the place of dst.'),
  router: z.boolean().optional().describe('VXLAN: a router is behind it.'),
  state: presence.describe('Whether the entry exists.'),
});
type Params = z.infer<typeof fields>;

function wantedEntry(params: Params): FdbEntry {
  const { dev, vlan, port, vni, src_vni, via, nhid, sticky = false, router = false } = params;
  const ip = params.dst === undefined ? undefined : parseIp(params.dst);
  const of = params.of ?? (params.dst === undefined && nhid === undefined ? 'master' : 'self');
  const type = params.type ?? (of === 'master' ? 'static' : 'permanent');
  const dst = ip && formatIp(ip);
  return { mac: params.lladdr.toLowerCase(), dev, of, type, vlan, dst, port, vni, src_vni, via, nhid, sticky, router };
}

function objectOf(netns: string | undefined, { mac, vlan, dst, dev }: FdbEntry): string {
  const where = [vlan === undefined ? [] : `vlan ${vlan}`, dst === undefined ? [] : `dst ${dst}`].flat();
  return `fdb ${[mac, ...where].join(' ')} on ${placed(netns, dev)}`;
}

function problems(params: Params): [string, string][] {
  const found: [string, string][] = [];
  const tunnel = params.dst ?? params.nhid;
  if (params.of === 'master' && tunnel !== undefined) found.push(['of', 'a bridge has no dst: a VXLAN has it itself']);
  if (params.dst !== undefined && params.nhid !== undefined) found.push(['nhid', 'takes the place of dst']);
  for (const name of ['port', 'vni', 'via', 'router'] as const) {
    if (params[name] !== undefined && tunnel === undefined) found.push([name, 'needs dst']);
  }
  if (params.sticky && (params.of === 'self' || tunnel !== undefined))
    found.push(['sticky', 'only entries of master are']);
  return found;
}

export const module = defineModule({
  name: 'fdb',
  form: 'converge',
  summary: 'Makes or removes an entry of the table of MAC addresses of a bridge, a VXLAN or another link.',
  notes:
    'An entry without `vlan` is made by the kernel in each VLAN of the port as well. What the kernel learned by itself ' +
    'is not brought back by `orch destroy`.',
  examples: [
    'fdb:\n  lladdr: "02:00:00:00:00:01"\n  dev: veth0\n  vlan: 10',
    'fdb:\n  lladdr: "00:00:00:00:00:00"\n  dev: vxlan0\n  dst: 172.16.91.14',
    'fdb:\n  lladdr: "02:00:00:00:00:01"\n  dev: veth0\n  state: absent',
  ],
  params: fields.superRefine(noneOf(problems)),

  objects: (params) => [objectOf(params.netns, wantedEntry(params))],

  read: (params, host): Promise<FdbState> => readEntry(host, params.netns, wantedEntry(params), params.state),

  plan(params, { wanted, present }): Plan {
    const { netns } = params;
    const object = objectOf(netns, wanted);
    const before = entryView(present);
    if (params.state === 'absent') {
      const undo = present === undefined ? [] : [placeEntry(netns, present)];
      const steps = present === undefined ? [] : [{ object, action: removeEntry(netns, present), undo, removes: true }];
      return { steps, before, after: { state: 'absent' } };
    }
    if (isDeepStrictEqual(present, wanted)) return { steps: [], before, after: before };
    const after = entryView(wanted);
    const place = placeEntry(netns, wanted);
    if (present === undefined) {
      return { steps: [{ object, action: place, undo: [removeEntry(netns, wanted)] }], before, after };
    }
    // In all VLANs of a port, or where there may be several, the kernel replaces none of another kind.
    if (present.dev === wanted.dev && !hasMany(wanted)) {
      return { steps: [{ object, action: place, undo: [placeEntry(netns, present)] }], before, after };
    }
    const [remove, again] = [removeEntry(netns, present), placeEntry(netns, present)];
    const steps = [
      { object, part: 'the old one', action: remove, undo: [again] },
      { object, part: 'the new one', action: place, undo: [removeEntry(netns, wanted)] },
    ];
    return { steps, before, after };
  },
});
