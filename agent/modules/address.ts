import * as z from 'zod';
import { defineModule, type Plan, type Step } from './module.ts';
import { type AddressRow, addressRow, addressText, addStep, deleteStep, lostWith } from './shared/address.ts';
import { inNetns, ipAddress, ipCidr, linkName, presence } from './shared/fields.ts';
import { parseCidr } from './shared/ip-address.ts';
import { readRows, requireLink } from './shared/place.ts';
import { rows } from './shared/rows.ts';

const fields = z.strictObject({
  address: ipCidr
    .optional()
    .describe('IPv4 or IPv6 address; with its prefix ("172.16.91.101/24"), or bare beside `prefix`.'),
  cidr: ipCidr.optional().describe('The same as `address` with prefix.'),
  prefix: z.int().min(0).max(128).optional().describe('Prefix length in bits, when the address has none.'),
  dev: linkName.describe('Link that gets the address.'),
  netns: inNetns,
  scope: z.enum(['global', 'link', 'host']).optional().describe("Where it is valid; default: the kernel's, global."),
  peer: ipAddress.optional().describe('Address of the other end of a point-to-point link; the prefix is then its.'),
  label: z
    .string()
    .max(15)
    .regex(/^[^\s/]+$/, 'a label has no blank and no /')
    .optional()
    .describe("IPv4: name shown with the address; default: the link's name. Starts with the link's name."),
  nodad: z.boolean().optional().describe('IPv6: usable at once, without duplicate address detection.'),
  state: presence.describe('Whether the address is there.'),
});
type Params = z.infer<typeof fields>;

function contradictions(params: Params): [keyof Params, string][] {
  const found: [keyof Params, string][] = [];
  const text = params.address ?? params.cidr;
  if (text === undefined) return [['address', 'say the address, such as 172.16.91.101/24']];
  if (params.address !== undefined && params.cidr !== undefined) found.push(['cidr', 'say address or cidr, not both']);
  const cidr = parseCidr(text);
  if (cidr === undefined) return found;
  const own = text.includes('/');
  if (own && params.prefix !== undefined) found.push(['prefix', `${text} has its prefix already`]);
  if (!own && params.prefix === undefined) found.push(['prefix', `say the prefix: ${text}/24, or prefix: 24`]);
  if (cidr.family === 4 && (params.prefix ?? 0) > 32) found.push(['prefix', 'an IPv4 prefix is 0-32 bits']);
  if (cidr.family === 4 && params.nodad !== undefined) found.push(['nodad', 'IPv4 has no duplicate address detection']);
  if (cidr.family === 6 && params.label !== undefined) found.push(['label', 'only IPv4 addresses have a label']);
  if (params.label !== undefined && !params.label.startsWith(params.dev)) {
    found.push(['label', `a label starts with the link's name: ${params.dev}:${params.label}`]);
  }
  if (params.peer !== undefined && params.peer.includes(':') !== (cidr.family === 6)) {
    found.push(['peer', 'is of the other address family']);
  }
  return found;
}

/** The address that the task names, in the kernel's spelling. */
function wantedRow(params: Params): AddressRow | undefined {
  const cidr = parseCidr(params.address ?? params.cidr ?? '');
  if (cidr === undefined) return undefined;
  const peer = params.peer === undefined ? undefined : parseCidr(params.peer)?.address;
  const { scope, label, nodad } = params;
  return { ...cidr, prefix: params.prefix ?? cidr.prefix, peer, scope, label, nodad, secondary: false };
}

/** The kernel's key: local, prefix and peer for IPv4; the local address alone for IPv6. */
function sameKey(a: AddressRow, b: AddressRow): boolean {
  if (a.family !== b.family || a.address !== b.address) return false;
  return a.family === 6 || (a.prefix === b.prefix && a.peer === b.peer);
}

function satisfies(row: AddressRow, wanted: AddressRow): boolean {
  const same = (key: 'prefix' | 'scope' | 'label') => wanted[key] === undefined || wanted[key] === row[key];
  return same('prefix') && same('scope') && same('label') && wanted.peer === row.peer;
}

function planAbsent(params: Params, present: AddressRow | undefined, current: readonly AddressRow[]): Plan {
  const after = { state: 'absent' };
  if (present === undefined) return { steps: [], before: after, after };
  const lost = lostWith(present, current);
  const steps: Step[] = [
    { ...deleteStep(params, present), removes: true },
    ...lost.map((row) => addStep(params, row, true)),
  ];
  return { steps, before: { address: addressText(present), dev: params.dev }, after };
}

function planPresent(params: Params, wanted: AddressRow, current: readonly AddressRow[]): Plan {
  const after = { address: addressText(wanted), dev: params.dev };
  const present = current.find((row) => sameKey(row, wanted));
  if (present !== undefined && satisfies(present, wanted)) return { steps: [], before: after, after };
  if (present !== undefined) {
    const lost = lostWith(present, current).map((row) => addStep(params, row, true));
    const steps = [deleteStep(params, present), addStep(params, { ...present, ...defined(wanted) }), ...lost];
    return { steps, before: { address: addressText(present), dev: params.dev }, after };
  }
  const others = current.filter((row) => row.address === wanted.address).map(addressText);
  const warnings = others.length === 0 ? [] : [`${params.dev} also has ${others.join(', ')}, which stays`];
  return { steps: [addStep(params, wanted)], before: { state: 'absent' }, after, warnings };
}

function defined(row: AddressRow): Partial<AddressRow> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

export const module = defineModule({
  name: 'address',
  form: 'converge',
  summary: 'Puts an IPv4 or IPv6 address on a link, or takes it off.',
  notes:
    'An IPv4 address with another prefix is another address: it is left alone, with a warning. An IPv6 address is on a ' +
    'link once; another prefix replaces it.',
  examples: [
    'address:\n  address: 172.16.91.101/24\n  dev: ipvlan1\n  netns: ns01',
    'address:\n  address: fd00::1\n  prefix: 64\n  dev: br0\n  nodad: true',
    'address:\n  cidr: 192.168.1.1/32\n  dev: ipvlan0\n  state: absent',
  ],
  params: fields.superRefine((params, context) => {
    for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
  }),

  async read(params, host): Promise<readonly AddressRow[]> {
    const link = (await readRows(host, params.netns, ['address', 'show', 'dev', params.dev]))[0];
    if (link === undefined && params.state === 'present') await requireLink(host, params.netns, params.dev);
    return link === undefined ? [] : rows(link, 'addr_info').map((row) => addressRow(row, params.dev));
  },

  plan(params, current) {
    const wanted = wantedRow(params);
    if (wanted === undefined) return { steps: [], before: {}, after: {} };
    if (params.state === 'present') return planPresent(params, wanted, current);
    const named = current.find((row) => sameKey(row, wanted) && row.prefix === wanted.prefix);
    return planAbsent(params, named, current);
  },
});
