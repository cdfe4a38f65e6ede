import * as z from 'zod';
import type { TaskNeed } from '../../module.ts';
import { checked, inNetns, linkName, networkProblem, presence, routingTable, u32 } from '../fields.ts';
import { ipProtocol } from '../ip-protocols.ts';
import { routeProtocol } from '../protocols.ts';
import { releaseNeeds } from '../release-needs.ts';
import { tosField } from '../tos.ts';
import { dscpText, labelText, lastPort, portText } from './masked.ts';

const network = checked((text) => (text === 'all' ? undefined : networkProblem(text)));
const markPattern = /^(0x[0-9a-f]{1,8}|\d{1,10})(\/(0x[0-9a-f]{1,8}|\d{1,10}))?$/i;
const dscpWords = 'a DSCP is a number to 63, CS1-CS7, EF or AF11-AF43, with or without a /mask that is over it';
const labelWords = 'a flow label is a number to 0xfffff, with or without a /mask that is over it';
const rangeOf = (least: number, most: number, words: string, isElse = (_text: string) => false) =>
  z.union([
    z.int().min(least).max(most),
    checked((text) => {
      if (isElse(text)) return undefined;
      const [, from, to] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? [];
      const [first, last] = [Number(from), Number(to)];
      return least <= first && first <= last && last <= most ? undefined : words;
    }),
  ]);
const portWords = 'a port, or a range such as 1000-1999, or port/mask with a mask that is over it';
const ports = rangeOf(1, lastPort, portWords, (text) => text.includes('/') && portText(text) !== undefined);

/** What a task says of one rule, without its place. */
export const ruleFields = z.strictObject({
  priority: u32.optional().describe('Rules are tried from the lowest number up; default: the kernel chooses one.'),
  not: z.boolean().default(false).describe('Select the packets that the selectors below do not fit.'),
  from: network.optional().describe('Source addresses; default: all.'),
  to: network.optional().describe('Destination addresses; default: all.'),
  iif: linkName.optional().describe('Link that the packet came in by; lo: packets of the host itself.'),
  oif: linkName.optional().describe('Link that the sending socket is bound to.'),
  tos: tosField.optional().describe('TOS of the packet; the kernel compares bits 2 to 4: 0x04 to 0x1c.'),
  dscp: z
    .union([z.int().min(0).max(63), checked((text) => (dscpText(text) === undefined ? dscpWords : undefined))])
    .optional()
    .describe('DSCP of the packet, with an optional mask (Linux 6.15): EF, 46, "0x28/0x38".'),
  flowlabel: z
    .union([z.int().min(0).max(0xfffff), checked((text) => (labelText(text) === undefined ? labelWords : undefined))])
    .optional()
    .describe('Flow label of an IPv6 packet, with an optional mask.'),
  fwmark: z
    .union([u32, z.string().regex(markPattern, 'a mark is a number, or number/mask')])
    .optional()
    .describe('Mark of the packet, with an optional mask: 16, "0x10/0xff".'),
  uidrange: rangeOf(0, 0xfffffffe, 'a range of users such as 0-99')
    .optional()
    .describe('Users that send: 1000, "0-99".'),
  ipproto: ipProtocol.optional().describe('Protocol: tcp, udp, icmp, a number.'),
  sport: ports.optional().describe('Source port, a range "1000-1999", or with a mask "1024/0xfc00" (Linux 6.15).'),
  dport: ports.optional().describe('Destination port, a range, or with a mask.'),
  tun_id: u32.optional().describe('Id of the tunnel that the packet came by.'),
  l3mdev: z.boolean().default(false).describe('Look in the table of the vrf that the packet comes by or goes by.'),
  table: routingTable.optional().describe('Routing table to look in, a number or a name.'),
  goto: u32.optional().describe('Priority of the rule to go on with; a higher one.'),
  type: z
    .enum(['lookup', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit'])
    .optional()
    .describe('What becomes of the packets: a look into the table (the default), a jump, nothing, or none.'),
  suppress_prefixlength: z
    .int()
    .min(0)
    .max(128)
    .optional()
    .describe('Take no route from the table whose prefix is this long or shorter; 0: no default route.'),
  suppress_ifgroup: z
    .union([u32, z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a group is a number or a name')])
    .optional()
    .describe('Take no route from the table that leaves by a link of this group.'),
  realms: z
    .union([z.int().min(1).max(255), z.string().regex(/^\d{1,3}(\/\d{1,3})?$/, 'realms are numbers: 4, or 3/4')])
    .optional()
    .describe('IPv4: realms to give, "from/to".'),
  protocol: routeProtocol.optional().describe('Who made the rule: static, bgp, a number; default: unspec.'),
  family: z.enum(['inet', 'inet6']).optional().describe('IPv4 or IPv6, where no address says it; default: inet.'),
});
export type RuleFields = z.infer<typeof ruleFields>;

export const ruleParams = z.strictObject({
  ...ruleFields.shape,
  netns: inNetns,
  state: presence.describe('Whether the rule is there.'),
});

export function familyOf(params: RuleFields): 4 | 6 {
  const address = [params.from, params.to].find((text) => text !== undefined && text !== 'all');
  if (address !== undefined) return address.includes(':') ? 6 : 4;
  return params.family === 'inet6' ? 6 : 4;
}

/** What becomes of the packets, said or implied. */
export function typeOf(params: RuleFields): NonNullable<RuleFields['type']> {
  return params.type ?? (params.goto === undefined ? 'lookup' : 'goto');
}

/** Whether a task that takes rules away leaves open what becomes of their packets: then all go that fit what it says. */
export function isOpen(params: z.infer<typeof ruleParams>): boolean {
  const { state, type, table, goto, l3mdev, suppress_prefixlength, suppress_ifgroup, realms } = params;
  const said = [type, table, goto, suppress_prefixlength, suppress_ifgroup, realms];
  return state === 'absent' && !l3mdev && said.every((one) => one === undefined);
}

const selectors = [
  ...(['from', 'to', 'iif', 'oif', 'tos', 'dscp', 'flowlabel', 'fwmark', 'uidrange', 'ipproto'] as const),
  ...(['sport', 'dport', 'tun_id'] as const),
];

export function selects(params: RuleFields): boolean {
  return params.not || selectors.some((name) => params[name] !== undefined);
}

type Found = [keyof RuleFields, string][];

/** What a task cannot say together. `open`: it need not say what becomes of the packets. */
export function ruleContradictions(params: RuleFields, open = false): Found {
  const found: Found = [];
  const family = familyOf(params);
  const type = typeOf(params);
  const other = [params.from, params.to].some(
    (text) => text && text !== 'all' && text.includes(':') !== (family === 6),
  );
  if (other) found.push(['to', 'is of the other address family than from']);
  if (params.family !== undefined && (params.family === 'inet6') !== (family === 6)) {
    found.push(['family', 'is not the family of the addresses']);
  }
  if (type === 'lookup' && params.table === undefined && !params.l3mdev && !open)
    found.push(['table', 'say the table to look in']);
  if (params.l3mdev && params.table !== undefined) found.push(['table', 'l3mdev says the table']);
  if (type !== 'lookup') {
    for (const key of ['table', 'suppress_prefixlength', 'suppress_ifgroup'] as const)
      if (params[key] !== undefined) found.push([key, `type ${type} looks in no table`]);
    if (params.l3mdev) found.push(['l3mdev', `type ${type} looks in no table`]);
  }
  if (type === 'goto' && params.goto === undefined) found.push(['goto', 'say the priority to go on with']);
  if (type !== 'goto' && params.goto !== undefined) found.push(['goto', `type ${type} does not jump`]);
  if (params.goto !== undefined && params.goto <= (params.priority ?? -1))
    found.push(['goto', 'the kernel only jumps to higher priorities']);
  if (family === 4 && params.flowlabel !== undefined) found.push(['flowlabel', 'IPv4 has none; say family: inet6']);
  if (params.tos !== undefined && params.dscp !== undefined) found.push(['dscp', 'is in tos, too: say one of them']);
  if (family === 6 && params.realms !== undefined) found.push(['realms', 'IPv6 rules have no realms']);
  return found;
}

/** What the kernel must know: an older one makes a rule without it, which all packets fit. */
export function ruleNeeds(params: RuleFields): TaskNeed[] {
  const isMasked = (text: string | undefined) => text?.includes('/') === true;
  const since: [string, string][] = [];
  for (const key of ['sport', 'dport'] as const) if (isMasked(portText(params[key] ?? ''))) since.push([key, '6.15']);
  if (params.dscp !== undefined) since.push(['dscp', isMasked(dscpText(params.dscp)) ? '6.15' : '6.12']);
  if (params.flowlabel !== undefined) since.push(['flowlabel', '6.14']);
  const tables: TaskNeed = { what: 'config', which: 'IP_MULTIPLE_TABLES' };
  return [tables, ...since.flatMap(([option, release]) => releaseNeeds(option, release))];
}
