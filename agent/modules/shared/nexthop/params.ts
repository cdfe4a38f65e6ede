import * as z from 'zod';
import type { TaskNeed } from '../../module.ts';
import { inNetns, ipAddress, linkName, presence } from '../fields.ts';
import { routeProtocol } from '../protocols.ts';
import { releaseNeeds } from '../release-needs.ts';
import { encapField } from '../route/encap.ts';

const id = z.int().min(1).max(0xffffffff);
const seconds = z.int().min(0).max(40_000_000);
export const nexthopFields = z.strictObject({
  id: id.describe('Number of the next hop; routes name it by `nhid`.'),
  via: ipAddress.optional().describe('Address of the gateway.'),
  dev: linkName.optional().describe('Link to send by.'),
  onlink: z.boolean().default(false).describe('Take `via` to be on `dev` even if no address there says so.'),
  encap: encapField.optional(),
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
      'How a group shares: by hash thresholds (mpath, the default), or by buckets whose flows stay (resilient; takes Linux 5.13).',
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
export type NexthopParams = z.infer<typeof nexthopFields>;

/** One of a group. */
export interface Member {
  readonly id: number;
  readonly weight: number;
}

/** What a task cannot say together. */
export function nexthopContradictions(params: NexthopParams): [keyof NexthopParams, string][] {
  const { via, dev, group, blackhole, fdb, type, state } = params;
  if (state === 'absent') return [];
  const found: [keyof NexthopParams, string][] = [];
  const alone = (key: 'via' | 'dev' | 'encap' | 'family') => {
    if (params[key] !== undefined) found.push([key, `a ${group ? 'group' : 'blackhole'} has none`]);
  };
  if (group !== undefined) for (const key of ['via', 'dev', 'encap', 'family'] as const) alone(key);
  if (group !== undefined && blackhole) found.push(['blackhole', 'a group is no blackhole']);
  if (blackhole) for (const key of ['via', 'dev', 'encap'] as const) alone(key);
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

export function membersOf(params: NexthopParams): readonly Member[] {
  return (params.group ?? []).map((member) => (typeof member === 'number' ? { id: member, weight: 1 } : member));
}

/** What a host must have for a next hop: weights had 8 bits before (NHA_OP_FLAGS_RESP_GRP_RESVD_0). */
export function nexthopNeeds(params: NexthopParams): readonly TaskNeed[] {
  if (params.state === 'absent') return [];
  const isHeavy = membersOf(params).some(({ weight }) => weight > 255);
  return [
    ...(params.type === 'resilient' ? releaseNeeds('type', '5.13') : []),
    ...(isHeavy ? releaseNeeds('group', '6.12') : []),
  ];
}
