import { networkOf, parseIp } from '../../../../agent/modules/shared/ip-address.ts';
import type { Direction, Evidence, Looked, Place, PlaceName, Stage, WayEvent } from './evidence.ts';
import type { Link } from './evidence-link.ts';

/** Whether both are of one namespace. */
export function isAt(one: PlaceName, other: PlaceName): boolean {
  return one.host === other.host && one.netns === other.netns;
}

/** The namespace's state; undefined: it was not looked at. */
export function placeOf({ places }: Looked, name: PlaceName): Place | undefined {
  return places.find((place) => isAt(place, name));
}

export function linkOf(place: Place | undefined, name: string | undefined): Link | undefined {
  return place?.links.find((link) => link.name === name);
}

/** The VRF that a device is in. */
export function vrfOf(place: Place | undefined, name: string | undefined): Link | undefined {
  const table = linkOf(place, name)?.vrfTable;
  return table === undefined
    ? undefined
    : place?.links.find(({ kind, vrfTable }) => kind === 'vrf' && vrfTable === table);
}

export function isV6(address: string): boolean {
  return address.includes(':');
}

/** A kernel parameter as a number; undefined where it was not read. */
export function sysctlOf(place: Place | undefined, key: string): number | undefined {
  const value = place?.sysctls[key];
  return value === undefined || !/^-?\d+$/.test(value) ? undefined : Number(value);
}

/** Key of a device's parameter, as sysctl(8) writes it: a dot of the device's name is a slash. */
export function deviceKey(dev: string, key: string, family: 'ipv4' | 'ipv6' = 'ipv4'): string {
  return `net.${family}.conf.${dev.replaceAll('.', '/')}.${key}`;
}

/** How many connections a namespace keeps track of, where it may not keep track of more. */
export function fullTracking(
  place: Place | undefined,
): { readonly tracked: number; readonly most: number } | undefined {
  const [tracked, most] = ['count', 'max'].map((what) => sysctlOf(place, `net.netfilter.nf_conntrack_${what}`));
  // 0: there is no limit (nf_conntrack_alloc).
  return tracked === undefined || most === undefined || most === 0 || tracked < most ? undefined : { tracked, most };
}

/** A parameter of a device that the kernel combines with that of `all`. */
export interface Combined {
  readonly all: number;
  readonly own: number;
  readonly effective: number;
}

/**
 * The larger of conf/all and conf/DEV counts: rp_filter, src_valid_mark, arp_ignore, arp_filter, arp_announce
 * (Documentation/networking/ip-sysctl.rst; IN_DEV_MAXCONF and IN_DEV_ORCONF). Undefined where either was not read.
 */
export function largerOf(place: Place | undefined, dev: string, key: string): Combined | undefined {
  const all = sysctlOf(place, `net.ipv4.conf.all.${key}`);
  const own = sysctlOf(place, deviceKey(dev, key));
  return all === undefined || own === undefined ? undefined : { all, own, effective: Math.max(all, own) };
}

export interface Holder {
  readonly place: Place;
  readonly dev: string;
  readonly prefix: number;
}

/** Who has an address, among all that was looked at. */
export function holdersOf({ places }: Looked, address: string): readonly Holder[] {
  return places.flatMap((place) =>
    place.addresses.filter((held) => held.address === address).map(({ dev, prefix }) => ({ place, dev, prefix })),
  );
}

/** True when both addresses lie in one network of this prefix length. */
export function sameNetwork(one: string, other: string, prefix: number): boolean {
  const family = parseIp(one)?.family;
  if (family === undefined || family !== parseIp(other)?.family) return false;
  const network = (address: string) => networkOf({ family, address, prefix }).address;
  return network(one) === network(other);
}

/** How many bits of a route's or rule's `dst` count: of an address all. */
export function lengthOf(dst: string): number {
  return dst === 'default' || dst === 'all' ? 0 : Number(dst.split('/')[1] ?? (isV6(dst) ? 128 : 32));
}

/** True for an address that counts on its link alone (RFC 3927, RFC 4291). */
export function isLinkLocal(address: string): boolean {
  return /^(fe[89ab]|169\.254\.)/i.test(address);
}

/** True when a route's or rule's `dst` (default, an address, a prefix) takes the address in. */
export function covers(dst: string, address: string): boolean {
  if (dst === 'default' || dst === 'all') return true;
  const [network = ''] = dst.split('/');
  return isV6(network) === isV6(address) && sameNetwork(network, address, lengthOf(dst));
}

/** True for a route whose `dst` takes the address in: a default route takes its own family. */
export function leadsTo({ dst, gateway, v6 }: Place['routes'][number], to: string): boolean {
  return covers(dst, to) && (dst !== 'default' || (v6 ?? isV6(gateway ?? to)) === isV6(to));
}

/** Of some routes the one that the kernel takes to an address: that of the longest prefix. */
export function longestMatch(routes: Place['routes'], to: string): Place['routes'][number] | undefined {
  return routes.filter((route) => leadsTo(route, to)).sort((one, other) => lengthOf(other.dst) - lengthOf(one.dst))[0];
}

/** Tables that the kernel's own rules lead to. */
export const usualTables: ReadonlySet<string> = new Set(['local', 'main', 'default']);

/** Whether a rule takes the packet, as far as a lookup tells: one that is made in the namespace comes in by lo. */
export function ruleTakes(
  rule: Place['rules'][number],
  { from, to, iif }: Pick<Stage, 'from' | 'to' | 'iif'>,
): boolean {
  if (rule.v6 !== isV6(to) || (rule.iif !== undefined && rule.iif !== (iif ?? 'lo'))) return false;
  return covers(rule.from, from) && covers(rule.to, to);
}

/** A route's destination as a task of its own says it, where nothing else tells the family of `default`. */
export function namedDestination(dst: string, to: string): string {
  return dst === 'default' && isV6(to) ? '::/0' : dst;
}

/** A stage that the packet leaves by a device, and who is to take it next. */
export interface Departure {
  readonly index: number;
  readonly stage: Stage;
  readonly dev: string;
  readonly nextHop: string;
}

/** What goes the way of a stage: request, reply, or a packet that carries others. */
export function packetText(
  { isBeneath }: Pick<Evidence, 'isBeneath'>,
  { direction }: Pick<Stage, 'direction'>,
): string {
  return isBeneath ? 'packet' : direction;
}

/** Where packets leave, in order. */
export function departures({ stages }: { readonly stages: readonly Stage[] }): readonly Departure[] {
  return stages.flatMap((stage, index) => {
    const { dev, gateway, type, refusal } = stage.lookup;
    if (refusal !== undefined || type !== 'unicast' || dev === undefined) return [];
    return [{ index, stage, dev, nextHop: gateway ?? stage.to }];
  });
}

/**
 * True for a stage to which the packet was sent as to its end, while nobody has the address: by the MAC, or by a route to a
 * namespace that would send it back.
 */
export function isStranded(evidence: Pick<Evidence, 'places' | 'stages'>, index: number): boolean {
  const end = evidence.stages[index];
  const sent = departures(evidence).find((departure) => departure.index === index - 1);
  if (end === undefined || sent?.stage.direction !== end.direction) return false;
  if (holdersOf(evidence, end.to).length > 0) return false;
  if (sent.nextHop === end.to) return true;
  const { routes = [], rules = [] } = placeOf(evidence, end) ?? {};
  if (rules.some((rule) => !usualTables.has(rule.table) && ruleTakes(rule, end))) return false;
  const ways = routes.filter(({ table }) => table === 'main');
  const gateway = longestMatch(ways, end.to)?.gateway ?? '';
  return holdersOf(evidence, gateway).some(({ place }) => isAt(place, sent.stage));
}

/** True when the hosts' routes bring a packet of this direction to its end: whatever stops it is something else. */
export function arrives({ stages }: Pick<Evidence, 'stages'>, direction: Direction): boolean {
  const lookup = stages.findLast((stage) => stage.direction === direction)?.lookup;
  return lookup?.type === 'local' && lookup.refusal === undefined;
}

/** True when the packet was seen beyond a stage: not always at the next one, where a tunnel hides it; a reply has had its request. */
export function wasPassed({ stages }: Pick<Evidence, 'stages'>, index: number): boolean {
  return stages.slice(index + 1).some(({ seen }) => seen);
}

/** True for a reply where its request came through: it is of a connection that is kept track of there. */
export function isTracked({ stages }: Pick<Evidence, 'stages'>, at: PlaceName, direction: Direction): boolean {
  return direction === 'reply' && stages.some((stage) => stage.direction === 'request' && isAt(stage, at));
}

export type NeighbourState = 'answered' | 'silent' | 'none';

/** Whether the next hop's MAC is known. none: nobody was asked, or the kernel has forgotten it. */
export function neighbourState(place: Place | undefined, dev: string, address: string): NeighbourState {
  const entry = place?.neighbours.find((neighbour) => neighbour.dev === dev && neighbour.address === address);
  if (entry === undefined) return 'none';
  return /FAILED|INCOMPLETE/.test(entry.state) ? 'silent' : 'answered';
}

/** The MAC that a device has for an address. */
export function macOf(place: Place, dev: string, address: string): string | undefined {
  return place.neighbours.find((entry) => entry.dev === dev && entry.address === address)?.mac;
}

/** How much a counter of the namespace grew while the probe was under way. */
export function grownBy(place: Place | undefined, counter: string): number {
  return place?.grown[counter] ?? 0;
}

/** Drops of the probe's own packets, errors about it included. */
export function dropsOf({ events }: Pick<Evidence, 'events'>): readonly WayEvent[] {
  // A raw socket's copy of an echo reply is freed with this reason each time a ping succeeds.
  return events.filter(({ kind, reason }) => kind === 'drop' && reason !== 'NO_SOCKET' && reason !== 'CONSUMED');
}

/** Bytes of the probe's IP packet: data and headers of ICMP or UDP, and IP. */
export function packetLength({ question }: Pick<Evidence, 'question'>): number {
  const transport = question.protocol === 'tcp' ? 20 : 8;
  return (isV6(question.to) ? 40 : 20) + transport + (question.protocol === 'tcp' ? 0 : question.size);
}

/** True for a frame that came in and was for another MAC: a switch may send it to all, and nobody there takes it. */
export function isStray({ events }: Pick<Evidence, 'events'>, { host, netns, packet }: WayEvent): boolean {
  return events.some(
    (event) =>
      event.kind === 'drop' &&
      event.reason === 'OTHERHOST' &&
      event.host === host &&
      event.netns === netns &&
      event.packet === packet,
  );
}

/** Operation of an ARP reply (RFC 826); type of a neighbour advertisement (RFC 4861). */
export const answers = { arp: 2, neighbour: 136 } as const;

/** True for what answers a question for a MAC, false for the question. */
export const isAnswer = (type: number): boolean => type === answers.arp || type === answers.neighbour;

/** True when events of packets were to be had on this host. */
export function wasTraced({ observed }: Pick<Evidence, 'observed'>, host: string): boolean {
  const level = observed.find((entry) => entry.host === host)?.level;
  return level === 'bpf' || level === 'fprobe' || level === 'kprobe';
}

/** vm02/ns01. */
export function placeText({ host, netns }: PlaceName): string {
  return netns === '' ? host : `${host}/${netns}`;
}
