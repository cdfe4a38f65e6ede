import * as z from 'zod';
import { inNetns, linkName, macAddress, netnsName } from '../fields.ts';
import { linkNameProblem } from '../names.ts';

/** Modes that iproute2 takes for each kind of link that has them. */
const modes: Readonly<Record<string, readonly string[]>> = {
  ipvlan: ['l2', 'l3', 'l3s'],
  macvlan: ['bridge', 'private', 'vepa', 'passthru', 'source'],
};

const fields = z.strictObject({
  name: linkName.describe('Name of the link.'),
  netns: inNetns,
  state: z
    .enum(['present', 'absent', 'up', 'down'])
    .default('present')
    .describe('up and down include present; present leaves the administrative state as it is.'),
  type: z
    .enum(['ipvlan', 'macvlan', 'veth', 'bridge', 'dummy'])
    .optional()
    .describe('Kind of link to make; without it, the link must exist.'),
  parent: linkName.optional().describe('ipvlan, macvlan: the link it stands on.'),
  parent_netns: netnsName.optional().describe("Namespace of the parent; default: the host's own."),
  mode: z
    .enum(['l2', 'l3', 'l3s', 'bridge', 'private', 'vepa', 'passthru', 'source'])
    .optional()
    .describe(
      "ipvlan: l2, l3, l3s; macvlan: bridge, private, vepa, passthru, source. Default: the kernel's (l3; vepa).",
    ),
  flag: z.enum(['bridge', 'private', 'vepa']).optional().describe('ipvlan: how links of one parent see each other.'),
  peer: linkName.optional().describe('veth: name of the other end.'),
  peer_netns: netnsName.optional().describe("veth: namespace of the other end; default: the host's own."),
  mtu: z.int().min(68).max(65535).optional().describe('Largest packet, in bytes.'),
  address: macAddress.optional().describe('MAC address.'),
  master: z
    .string()
    .optional()
    .describe('Bridge that this link is a port of, in the same namespace; an empty string takes it out.'),
  alias: z
    .string()
    .max(255)
    .regex(/^[^\0\n]*$/, 'an alias is one line')
    .optional()
    .describe('Free text that `ip link` shows; an empty string removes it.'),
});

export type LinkParams = z.infer<typeof fields>;

/** What the fields together cannot mean: [field, why]. */
function contradictions(params: LinkParams): [keyof LinkParams, string][] {
  const { type, state } = params;
  const found: [keyof LinkParams, string][] = [];
  const stacked = type === 'ipvlan' || type === 'macvlan';
  if (stacked && params.parent === undefined && state !== 'absent') found.push(['parent', `${type} needs a parent`]);
  if (!stacked && params.parent !== undefined) found.push(['parent', 'only ipvlan and macvlan have a parent']);
  if (params.parent_netns !== undefined && params.parent === undefined) found.push(['parent_netns', 'needs parent']);
  if (params.mode !== undefined && !modes[type ?? '']?.includes(params.mode)) {
    const known = modes[type ?? ''];
    found.push([
      'mode',
      known === undefined ? `${type ?? 'without type, a link'} has no mode` : `${type} modes are ${known.join(', ')}`,
    ]);
  }
  if (params.flag !== undefined && type !== 'ipvlan')
    found.push(['flag', 'only ipvlan has it; macvlan says it by mode']);
  if (type === 'veth' && params.peer === undefined && state !== 'absent') found.push(['peer', 'veth needs a peer']);
  if (type !== 'veth' && params.peer !== undefined) found.push(['peer', 'only veth has a peer']);
  if (params.peer_netns !== undefined && params.peer === undefined) found.push(['peer_netns', 'needs peer']);
  if (params.peer === params.name && params.peer_netns === params.netns) found.push(['peer', 'is the link itself']);
  if (params.parent === params.name && params.parent_netns === params.netns)
    found.push(['parent', 'is the link itself']);
  if (type === 'ipvlan' && params.address !== undefined) {
    found.push(['address', "ipvlan links have their parent's MAC address"]);
  }
  const master = params.master ? linkNameProblem(params.master) : undefined;
  if (master !== undefined) found.push(['master', master]);
  return found;
}

export const linkParams = fields.superRefine((params, context) => {
  for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
});
