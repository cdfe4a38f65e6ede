import type { Action } from '../../module.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import { protocolName } from '../protocols.ts';
import { encapOf, wantedEncap } from '../route/encap.ts';
import { option } from '../route/family.ts';
import { flag, number, object, type Row, rows, text, texts } from '../rows.ts';
import { type Member, membersOf, type NexthopParams } from './params.ts';

/** A next hop in the kernel's terms. */
export interface Nexthop {
  readonly id: number;
  readonly via: string | undefined;
  readonly dev: string | undefined;
  readonly onlink: boolean;
  /** In ip's words. */
  readonly encap: string | undefined;
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

/** The next hop that a task describes. */
export function wantedNexthop(params: NexthopParams): Nexthop {
  const { id, dev, onlink, blackhole, fdb, group, buckets } = params;
  const ip = params.via === undefined ? undefined : parseIp(params.via);
  return {
    ...{ id, dev, onlink, blackhole, fdb, buckets },
    via: ip && formatIp(ip),
    encap: wantedEncap(params.encap),
    group: membersOf(params),
    type: group && (params.type ?? 'mpath'),
    idle: params.idle_timer,
    unbalanced: params.unbalanced_timer,
    family: ip || group ? undefined : params.family === 'inet6' ? 6 : 4,
    protocol: params.protocol === undefined ? undefined : protocolName(params.protocol),
  };
}

/** A row of `nexthopRows`. */
export function nexthopOf(row: Row): Nexthop {
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
    encap: encapOf(row),
    blackhole: flag(row, 'blackhole'),
    group,
    type: group.length === 0 ? undefined : text(row, 'type') === 'resilient' ? 'resilient' : 'mpath',
    buckets: number(resilient, 'buckets'),
    idle: number(resilient, 'idle_timer'),
    unbalanced: number(resilient, 'unbalanced_timer'),
    fdb: flag(row, 'fdb'),
    family: via !== undefined || group.length > 0 ? undefined : row.family === 6 ? 6 : 4,
    protocol: protocolName(text(row, 'protocol') ?? 'unspec'),
  };
}

function memberText({ id, weight }: Member): string {
  return weight === 1 ? String(id) : `${id},${weight}`;
}

function groupText(nexthop: Nexthop): string {
  return nexthop.group.map(memberText).join('/');
}

/** Adds or replaces exactly this next hop. */
export function nexthopAction(verb: 'add' | 'replace', nexthop: Nexthop, netns: string | undefined): Action {
  const { via, dev, type, buckets, idle, unbalanced, protocol } = nexthop;
  const args = [
    ...(nexthop.family === 6 ? ['-6'] : []),
    ...['nexthop', verb, 'id', String(nexthop.id)],
    ...(nexthop.encap === undefined ? [] : ['encap', ...nexthop.encap.split(' ')]),
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
  return { op: 'ip', netns, args };
}

export function removeNexthop(id: number, netns: string | undefined): Action {
  return { op: 'ip', netns, args: ['nexthop', 'delete', 'id', String(id)] };
}

/** For the diff: only what is said of it. */
export function nexthopView(nexthop: Nexthop | undefined): unknown {
  if (nexthop === undefined) return { state: 'absent' };
  const { id, via, dev, group, type, buckets, family, protocol } = nexthop;
  return {
    ...{ id, via, dev, type, buckets, encap: nexthop.encap },
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

/** ip shows six digits of a time: 1234567 s as 1.23457e+06. What is shown so is what was asked for. */
function timer(wanted: number | undefined, present: number | undefined): number | undefined {
  return wanted === undefined || Number(wanted.toPrecision(6)) === present ? present : wanted;
}

/** The wanted next hop, with what the task leaves open as it is. */
export function completed(wanted: Nexthop, present: Nexthop): Nexthop {
  const idle = timer(wanted.idle, present.idle);
  const unbalanced = timer(wanted.unbalanced, present.unbalanced);
  return { ...wanted, idle, unbalanced, protocol: wanted.protocol ?? present.protocol };
}

/** Why the kernel cannot change the one into the other (net/ipv4/nexthop.c, replace_nexthop). */
export function needsReplacing(present: Nexthop, wanted: Nexthop): string | undefined {
  if (present.type !== wanted.type) return `is ${present.type ?? 'single'}, not ${wanted.type ?? 'single'}`;
  return present.buckets === wanted.buckets ? undefined : `has ${present.buckets} buckets, not ${wanted.buckets}`;
}
