import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule, type Plan, type Step } from './module.ts';
import { inNetns, ipAddress, linkName, presence } from './shared/fields.ts';
import { formatIp, parseIp } from './shared/ip-address.ts';
import { placed, readRows, requireLink, requireNetns } from './shared/place.ts';
import { protocolName, routeProtocol } from './shared/protocols.ts';
import { flag, number, object, type Row, rows, text, texts } from './shared/rows.ts';

const id = z.int().min(1).max(0xffffffff);
const seconds = z.int().min(0).max(40_000_000);
const fields = z.strictObject({
  id: id.describe('Number of the next hop; routes name it by `nhid`.'),
  via: ipAddress.optional().describe('Address of the gateway.'),
  dev: linkName.optional().describe('Link to send by.'),
  onlink: z.boolean().default(false).describe('Take `via` to be on `dev` even if no address there says so.'),
  blackhole: z.boolean().default(false).describe("Packets are dropped; takes the namespace's lo to be up."),
  group: z
    .array(z.union([id, z.strictObject({ id, weight: z.int().min(1).max(65_535).default(1) })]))
    .min(1)
    .max(1024)
    .optional()
    .describe('Next hops that share the traffic: numbers, or {id, weight}; a weight over 255 takes Linux 6.12.'),
  type: z
    .enum(['mpath', 'resilient'])
    .optional()
    .describe(
      'How a group shares: by hash thresholds (mpath, the default), or by buckets whose flows stay (resilient).',
    ),
  buckets: z.int().min(1).max(65_535).optional().describe('Resilient: number of buckets.'),
  idle_timer: seconds.optional().describe('Resilient: seconds after which an idle bucket may move; default: 120.'),
  unbalanced_timer: seconds
    .optional()
    .describe('Resilient: seconds after which a bucket moves though it is busy; 0, the default: never.'),
  fdb: z.boolean().default(false).describe('For entries of a vxlan forwarding table, not for routes; has no link.'),
  family: z.enum(['inet', 'inet6']).optional().describe('IPv4 or IPv6, where no address says it; default: inet.'),
  protocol: routeProtocol.optional().describe('Who made it: static, bgp, a number from 0 to 255; default: unspec.'),
  netns: inNetns,
  state: presence.describe('Whether it is there.'),
});
type Params = z.infer<typeof fields>;

interface Member {
  readonly id: number;
  readonly weight: number;
}

/** A next hop in the kernel's terms. */
interface Nexthop {
  readonly id: number;
  readonly via: string | undefined;
  readonly dev: string | undefined;
  readonly onlink: boolean;
  readonly blackhole: boolean;
  readonly group: readonly Member[];
  readonly type: 'mpath' | 'resilient' | undefined;
  readonly buckets: number | undefined;
  readonly idle: number | undefined;
  readonly unbalanced: number | undefined;
  readonly fdb: boolean;
  /** Only of a next hop without `via`; a group has none. */
  readonly family: 4 | 6 | undefined;
  readonly protocol: string | undefined;
}

interface Current {
  readonly present: Nexthop | undefined;
  /** Groups that the kernel takes it out of when it is deleted. */
  readonly groups: readonly Nexthop[];
}

function contradictions(params: Params): [keyof Params, string][] {
  const { via, dev, group, blackhole, fdb, type, state } = params;
  if (state === 'absent') return [];
  const found: [keyof Params, string][] = [];
  const alone = (key: 'via' | 'dev' | 'family') => {
    if (params[key] !== undefined) found.push([key, `a ${group ? 'group' : 'blackhole'} has none`]);
  };
  if (group !== undefined) for (const key of ['via', 'dev', 'family'] as const) alone(key);
  if (group !== undefined && blackhole) found.push(['blackhole', 'a group is no blackhole']);
  if (blackhole) for (const key of ['via', 'dev'] as const) alone(key);
  if (blackhole && fdb) found.push(['fdb', 'a forwarding table has no blackhole']);
  if (params.onlink && (via === undefined || dev === undefined)) found.push(['onlink', 'needs via and dev']);
  if (via !== undefined && params.family !== undefined) found.push(['family', `${via} says it`]);
  if (group === undefined && !blackhole && !fdb && dev === undefined) {
    found.push(['dev', 'say the link (dev), blackhole, or a group']);
  }
  if (group === undefined && fdb && via === undefined) found.push(['via', 'an entry of a forwarding table needs via']);
  if (group === undefined && fdb && dev !== undefined) found.push(['dev', 'a next hop with fdb has no link']);
  if (group === undefined && type !== undefined) found.push(['type', 'only a group has a type']);
  if (type === 'resilient' && params.buckets === undefined) found.push(['buckets', 'a resilient group needs it']);
  for (const key of ['buckets', 'idle_timer', 'unbalanced_timer'] as const)
    if (type !== 'resilient' && params[key] !== undefined) found.push([key, 'only a resilient group has it']);
  const ids = membersOf(params).map((member) => member.id);
  if (new Set(ids).size < ids.length) found.push(['group', 'names a next hop twice']);
  if (ids.includes(params.id)) found.push(['group', 'cannot hold itself']);
  return found;
}

function membersOf(params: Params): readonly Member[] {
  return (params.group ?? []).map((member) => (typeof member === 'number' ? { id: member, weight: 1 } : member));
}

function wantedNexthop(params: Params): Nexthop {
  const { id, dev, onlink, blackhole, fdb, group, buckets } = params;
  const ip = params.via === undefined ? undefined : parseIp(params.via);
  return {
    ...{ id, dev, onlink, blackhole, fdb, buckets },
    via: ip && formatIp(ip),
    group: membersOf(params),
    type: group && (params.type ?? 'mpath'),
    idle: params.idle_timer,
    unbalanced: params.unbalanced_timer,
    family: ip || group ? undefined : params.family === 'inet6' ? 6 : 4,
    protocol: params.protocol === undefined ? undefined : protocolName(params.protocol),
  };
}

function nexthopOf(row: Row, ipv6: ReadonlySet<unknown>): Nexthop {
  const group = rows(row, 'group').map((member) => ({
    id: number(member, 'id') ?? 0,
    weight: number(member, 'weight') ?? 1,
  }));
  const resilient = object(row, 'resilient_args');
  const via = text(row, 'gateway');
  return {
    id: number(row, 'id') ?? 0,
    via,
    dev: text(row, 'dev'),
    onlink: texts(row, 'flags').includes('onlink'),
    blackhole: flag(row, 'blackhole'),
    group,
    type: group.length === 0 ? undefined : text(row, 'type') === 'resilient' ? 'resilient' : 'mpath',
    buckets: number(resilient, 'buckets'),
    idle: number(resilient, 'idle_timer'),
    unbalanced: number(resilient, 'unbalanced_timer'),
    fdb: flag(row, 'fdb'),
    family: via !== undefined || group.length > 0 ? undefined : ipv6.has(row.id) ? 6 : 4,
    protocol: protocolName(text(row, 'protocol') ?? 'unspec'),
  };
}

function memberText({ id, weight }: Member): string {
  return weight === 1 ? String(id) : `${id},${weight}`;
}

function groupText(nexthop: Nexthop): string {
  return nexthop.group.map(memberText).join('/');
}

function set(verb: 'add' | 'replace', nexthop: Nexthop, netns: string | undefined) {
  const { via, dev, type, buckets, idle, unbalanced, protocol } = nexthop;
  const option = (key: string, value: string | number | undefined) => (value === undefined ? [] : [key, String(value)]);
  const args = [
    ...(nexthop.family === 6 ? ['-6'] : []),
    ...['nexthop', verb, 'id', String(nexthop.id)],
    ...option('via', via),
    ...option('dev', dev),
    ...(nexthop.onlink ? ['onlink'] : []),
    ...(nexthop.blackhole ? ['blackhole'] : []),
    ...(nexthop.group.length === 0 ? [] : ['group', groupText(nexthop)]),
    ...(type === 'resilient' ? ['type', type] : []),
    ...option('buckets', buckets),
    ...option('idle_timer', idle),
    ...option('unbalanced_timer', unbalanced),
    ...(nexthop.fdb ? ['fdb'] : []),
    ...(protocol === undefined || protocol === 'unspec' ? [] : ['protocol', protocol]),
  ];
  return { op: 'ip', netns, args } as const;
}

function removal(params: Params) {
  return { op: 'ip', netns: params.netns, args: ['nexthop', 'delete', 'id', String(params.id)] } as const;
}

/** For the diff: only what is said of it. */
function view(nexthop: Nexthop | undefined): unknown {
  if (nexthop === undefined) return { state: 'absent' };
  const { id, via, dev, group, type, buckets, family, protocol } = nexthop;
  return {
    ...{ id, via, dev, type, buckets },
    group:
      group.length === 0 ? undefined : group.map((member) => (member.weight === 1 ? member.id : memberText(member))),
    idle_timer: nexthop.idle,
    unbalanced_timer: nexthop.unbalanced,
    onlink: nexthop.onlink || undefined,
    blackhole: nexthop.blackhole || undefined,
    fdb: nexthop.fdb || undefined,
    family: family === 6 ? 'inet6' : undefined,
    protocol: protocol === 'unspec' ? undefined : protocol,
  };
}

/** The wanted next hop, with what the task leaves open as it is. */
function completed(wanted: Nexthop, present: Nexthop): Nexthop {
  const { idle = present.idle, unbalanced = present.unbalanced, protocol = present.protocol } = wanted;
  return { ...wanted, idle, unbalanced, protocol };
}

/** Why the kernel cannot change the one into the other (net/ipv4/nexthop.c, replace_nexthop). */
function needsReplacing(present: Nexthop, wanted: Nexthop): string | undefined {
  if (present.type !== wanted.type) return `is ${present.type ?? 'single'}, not ${wanted.type ?? 'single'}`;
  return present.buckets === wanted.buckets ? undefined : `has ${present.buckets} buckets, not ${wanted.buckets}`;
}

function deletion(params: Params, { present, groups }: Current & { present: Nexthop }): Step {
  const undo = [set('add', present, params.netns), ...groups.map((group) => set('replace', group, params.netns))];
  return { object: objectOf(params), action: removal(params), undo, removes: true };
}

/** What the kernel takes along. */
function lossText(current: Current): string[] {
  const { present, groups } = current;
  if (present === undefined) return [];
  const left = groups.length === 0 ? [] : [`it leaves ${groups.map((group) => `group ${group.id}`).join(', ')}`];
  return [...left, `routes by nhid ${present.id} go with it`];
}

function objectOf(params: Params): string {
  return `nexthop ${placed(params.netns, String(params.id))}`;
}

function planPresent(params: Params, current: Current): Plan {
  const object = objectOf(params);
  const { present } = current;
  const asked = wantedNexthop(params);
  const undo = [removal(params)];
  const add: Step = { object, action: set('add', asked, params.netns), undo };
  if (present === undefined) return { steps: [add], before: view(present), after: view(asked) };
  const wanted = completed(asked, present);
  const [before, after] = [view(present), view(wanted)];
  if (isDeepStrictEqual(wanted, present)) return { steps: [], before, after };
  const why = needsReplacing(present, wanted);
  if (why === undefined) {
    const action = set('replace', wanted, params.netns);
    return { steps: [{ object, action, undo: [set('replace', present, params.netns)] }], before, after };
  }
  const warnings = [`${object} ${why}: it is made anew; ${lossText(current).join('; ')}`];
  return { steps: [deletion(params, { ...current, present }), add], before, after: view(asked), warnings };
}

function planAbsent(params: Params, current: Current): Plan {
  const { present, groups } = current;
  const after = { state: 'absent' };
  if (present === undefined) return { steps: [], before: after, after };
  const warnings = groups.length === 0 ? [] : [`${objectOf(params)}: ${lossText({ present, groups })[0]}`];
  return { steps: [deletion(params, { present, groups })], before: view(present), after, warnings };
}

/** All next hops. The kernel tells the family of one without gateway only by listing IPv6 apart. */
async function readNexthops(host: Host, netns: string | undefined, id: number): Promise<readonly Nexthop[]> {
  const all = await readRows(host, netns, ['nexthop', 'show']);
  const own = all.find((row) => row.id === id);
  const ambiguous = own !== undefined && !('gateway' in own || 'group' in own);
  const ipv6 = ambiguous ? await readRows(host, netns, ['-6', 'nexthop', 'show']) : [];
  const ids = new Set(ipv6.map((row) => row.id));
  return all.map((row) => nexthopOf(row, ids));
}

export const module = defineModule({
  name: 'nexthop',
  form: 'converge',
  summary: 'Makes, changes or removes a next hop object or a group of them, for routes to share.',
  notes:
    'Changed in place where the kernel allows it; a change between single, mpath and resilient, or of the number of ' +
    'buckets, makes it anew, with a warning, and routes that used it go. The kernel removes a next hop whose link goes ' +
    'down or loses its carrier for good.',
  examples: [
    'nexthop:\n  id: 1\n  via: 10.0.0.2\n  dev: eth0\n  netns: ns01',
    'nexthop:\n  id: 10\n  group: [1, { id: 2, weight: 3 }]\n  netns: ns01',
    'nexthop:\n  id: 11\n  group: [1, 2]\n  type: resilient\n  buckets: 64\n  idle_timer: 60',
    'nexthop:\n  id: 20\n  via: 192.0.2.7\n  fdb: true',
    'nexthop:\n  id: 10\n  state: absent',
  ],
  params: fields.superRefine((params, context) => {
    for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
  }),

  async read(params, host): Promise<Current> {
    const all = await readNexthops(host, params.netns, params.id);
    const present = all.find((nexthop) => nexthop.id === params.id);
    const groups = all.filter((nexthop) => nexthop.group.some((member) => member.id === params.id));
    if (params.state === 'present' && present === undefined) {
      if (params.dev === undefined) await requireNetns(host, params.netns);
      else await requireLink(host, params.netns, params.dev);
    }
    return { present, groups };
  },

  plan: (params, current) => (params.state === 'present' ? planPresent(params, current) : planAbsent(params, current)),
});
