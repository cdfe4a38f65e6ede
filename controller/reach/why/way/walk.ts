import type { Direction, Evidence, Place, PlaceName, Question, Stage } from '../seen/evidence.ts';
import {
  departures,
  holdersOf,
  isAt,
  isStray,
  isV6,
  largerOf,
  linkOf,
  neighbourState,
  placeOf,
  sameNetwork,
  vrfOf,
} from '../seen/facts.ts';
import { isOneOf, type Node } from '../seen/node.ts';
import { Frames } from './frame.ts';
import type { AskLookup } from './lookup-query.ts';
import { type OuterWay, outerWay, wireguardWay } from './outer-way.ts';
import { destinationIn, masquerades, rewrittenIn, sourceIn } from './rewritten.ts';
import { arrivals, type Port, Segments, switchedBy } from './segment.ts';
import { tunnelsOf } from './tunnelled.ts';

type Seen = Pick<Evidence, 'places' | 'events' | 'nft'>;

/** A loop of routers is noticed long before TTL is used up. */
const mostStages = 16;

/**
 * Follows the probe and its reply from host to host: what each kernel would do with the packet (asked of itself), and
 * where it comes next: by what was seen, else by the state of the hosts. Ends where a kernel refuses, where nobody that
 * was looked at takes the packet, and at the end of the way. Where nftables gave it another destination it goes on to
 * that, and comes back to the source that they gave; where neither was seen nor is said by the rule, the way stops.
 */
export async function walk(question: Question, from: string, seen: Seen, ask: AskLookup): Promise<readonly Stage[]> {
  const stages = await walkBothWays(question, from, seen, ask);
  await followBeneath(stages, [], seen, ask);
  return stages;
}

/** The kernel gives up on more tunnels in one another (IP_TUNNEL_RECURSION_LIMIT in include/net/ip_tunnels.h). */
const mostTunnels = 4;

/** Follows outer packets where a way leads through a tunnel; not again through those that it is beneath already. */
async function followBeneath(stages: readonly Stage[], above: readonly Node[], seen: Seen, ask: AskLookup) {
  if (above.length >= mostTunnels) return;
  const frames = new Frames(seen.places);
  await Promise.all(
    departures({ stages }).map(async (departure) => {
      const [tunnelled] = tunnelsOf(seen, frames, departure);
      const way = tunnelled === undefined ? wireguardWay(seen, departure) : outerWay(seen, tunnelled);
      if (way === undefined || isOneOf(above, way.from)) return;
      departure.stage.beneath = await walkBeneath(way, above, seen, ask);
    }),
  );
}

/** The way of a tunnel's outer packets, of which nothing is seen. */
async function walkBeneath(
  { from, start, sender, goal, oif, mark, port }: OuterWay,
  above: readonly Node[],
  { places }: Seen,
  ask: AskLookup,
): Promise<Stage[]> {
  // Where they are made; nothing else is asked with what the tunnel says of them.
  const askAsOuter: AskLookup = ({ direction, ...query }) => {
    if (query.iif !== undefined) {
      const place = placeOf({ places }, query);
      const isFor = place?.addresses.some(({ address }) => address === query.to) === true;
      return ask({ ...query, mark: isFor ? markOfWhatComes(place, query.iif, port) : undefined });
    }
    return ask(direction === undefined ? query : { ...query, oif: oif ?? query.oif, mark });
  };
  const seen = { places, events: [], nft: [] };
  const { host, netns } = start;
  // Behind the first place kernels have no choice of a source, and refuse packets without one.
  const own = sender || (await askAsOuter({ host, netns, to: goal, direction: 'request' })).source;
  const stages = await walkOneWay('request', start, own ?? '', goal, seen, askAsOuter);
  await followBeneath(stages, [...above, from], seen, ask);
  return [...stages];
}

/** What is for a WireGuard device's port gets its mark back, where the check of sources asks for it (wg-quick(8)). */
function markOfWhatComes(place: Place | undefined, iif: string, port: number | undefined): number | undefined {
  const hears = place?.links.filter(({ wireguard }) => wireguard !== undefined && wireguard.port === port) ?? [];
  const marks = hears.flatMap(({ wireguard }) => wireguard?.mark || []);
  return largerOf(place, iif, 'src_valid_mark')?.effective === 1 ? marks[0] : undefined;
}

async function walkBothWays(question: Question, from: string, seen: Seen, ask: AskLookup): Promise<readonly Stage[]> {
  const { host, netns, to } = question;
  const request = await walkOneWay('request', { host, netns }, from, to, seen, ask);
  const last = request.at(-1);
  if (last === undefined || last.lookup.type !== 'local' || last.lookup.refusal !== undefined) return request;
  if (last.host === host && last.netns === netns) return request;
  const changes = changesIn(request, from, to);
  const isLost = (stage: Stage) =>
    rewrittenIn(seen, stage, from, to).sourceRule !== undefined &&
    !changes.some((one) => one.given && isAt(one, stage));
  if (request.some(isLost)) return request;
  return [...request, ...(await walkOneWay('reply', last, last.to, last.from, seen, ask, changes, last.port))];
}

/**
 * A place where the request got another destination: the reply, which comes from that one, gets the first one as its source. Or
 * another source, which the reply is `given` as its destination: it gets the first one here.
 */
interface Change extends PlaceName {
  readonly first: string;
  readonly given?: string;
}

function changesIn(request: readonly Stage[], from: string, to: string): readonly Change[] {
  return request.flatMap(({ host, netns, ...stage }, at): readonly Change[] => {
    const [before, next] = [request[at - 1]?.to ?? to, request[at + 1]];
    // Of a source that is the kernel's choice nothing is known behind the first place.
    const isSame = next === undefined || from === '' || next.from === stage.from;
    return [
      ...(stage.to === before ? [] : [{ host, netns, first: before }]),
      ...(isSame ? [] : [{ host, netns, first: stage.from, given: next.from }]),
    ];
  });
}

async function walkOneWay(
  direction: Direction,
  start: PlaceName & { readonly iif?: string | undefined },
  sender: string,
  goal: string,
  seen: Seen,
  ask: AskLookup,
  changes: readonly Change[] = [],
  serving?: number,
): Promise<readonly Stage[]> {
  const destinations = changes.filter(({ given }) => given === undefined);
  const stages: Stage[] = [];
  let [from, to] = [sender, goal];
  let { host, netns } = start;
  let iif: string | undefined;
  let port = serving;
  let observed = direction === 'request' || wasAt(seen, 'request', { host, netns }, 'deliver');
  for (;;) {
    const { mark, destinationRule, sourceRule, given: shown } = rewrittenIn(seen, { host, netns }, from, to);
    const said = destinationRule === undefined ? undefined : destinationIn(destinationRule);
    const changed = destinationRule === undefined ? to : (shown.destination ?? said?.destination);
    if (changed === undefined) return stages;
    if (destinationRule !== undefined) port = (shown.destination === undefined ? said : shown)?.port ?? port;
    // Before the lookup, as a destination of the request is changed.
    const at = { host, netns };
    to = changes.find((one) => one.given === changed && isAt(one, at))?.first ?? changed;
    const oif = stages.length === 0 ? replyDevice(seen, start, to) : undefined;
    const [lookup, back] = await Promise.all([
      ask({ host, netns, to, from: from === '' ? undefined : from, iif, oif, mark, direction, port }),
      iif === undefined || from === '' ? undefined : ask({ ...at, to: from, oif: vrfOf(placeOf(seen, at), iif)?.name }),
    ]);
    const stage: Stage = {
      direction,
      host,
      netns,
      ...(iif === undefined ? {} : { iif }),
      seen: observed,
      from: from === '' ? (lookup.source ?? '') : from,
      to,
      ...(port === undefined ? {} : { port }),
      lookup,
      back,
      asked: [],
    };
    stages.push(stage);
    const { dev, gateway } = lookup;
    if (lookup.refusal !== undefined || lookup.type !== 'unicast' || dev === undefined) return stages;
    const nextHop = gateway ?? to;
    const exit = { host, netns, dev };
    stage.asked = await askedBy(exit, nextHop, stage.from, seen, ask);
    // Behind the lookup: the rules of NAT change a source as packets leave.
    const change = destinations.find((one) => isAt(one, at));
    const given =
      sourceRule === undefined || direction === 'reply'
        ? undefined
        : (shown.source ?? sourceBy(sourceRule, exit, { to, nextHop }, seen));
    const next = nextPort(
      direction,
      exit,
      { nextHop, to },
      stages,
      seen,
      (from === sender && change === undefined && destinations.length > 0) ||
        (to === goal && changes.some((one) => one.given === to)),
    );
    from = given ?? change?.first ?? from;
    if (change !== undefined) port = undefined;
    if (next === undefined || stages.length >= mostStages) return stages;
    ({ host, netns } = next.port);
    iif = next.port.dev;
    observed = next.seen;
  }
}

/** What binds a reply to the link that the request came by: its own name to a link-local address, else its VRF. */
function replyDevice(
  seen: Seen,
  { iif, ...at }: PlaceName & { readonly iif?: string | undefined },
  to: string,
): string | undefined {
  if (/^fe[89ab]/i.test(to)) return iif;
  return vrfOf(placeOf(seen, at), iif)?.name;
}

/**
 * The source that a rule gives packets which leave by a port. That of `masquerade` is the port's own, whatever routes say: best
 * one of the next hop's network; where it has none, with IPv4 another device's (inet_select_addr() in net/ipv4/devinet.c).
 */
function sourceBy(
  rule: string,
  port: Port,
  { to, nextHop }: { readonly to: string; readonly nextHop: string },
  seen: Seen,
): string | undefined {
  if (!masquerades(rule)) return sourceIn(rule);
  const all = placeOf(seen, port)?.addresses.filter(
    ({ address }) => isV6(address) === isV6(to) && !/^(fe[89ab]|127\.|::1$)/i.test(address),
  );
  const held = all?.filter(({ dev }) => dev === port.dev);
  const near = held?.find(({ address, prefix }) => sameNetwork(address, nextHop, prefix));
  return (near ?? held?.[0] ?? (isV6(to) ? undefined : all?.[0]))?.address;
}

function wasAt(
  { events }: Pick<Evidence, 'events'>,
  direction: Direction,
  { host, netns }: { readonly host: string; readonly netns: string },
  kind: 'deliver' | 'receive',
): boolean {
  return events.some(
    (event) =>
      event.kind === kind &&
      event.direction === direction &&
      !event.asks &&
      !event.about &&
      event.host === host &&
      event.netns === netns,
  );
}

/** What a question for the MAC of the next hop meets where the address is, when it was not answered. */
async function askedBy(port: Port, nextHop: string, from: string, seen: Seen, ask: AskLookup): Promise<Stage['asked']> {
  if (nextHop.includes(':') || neighbourState(placeOf(seen, port), port.dev, nextHop) !== 'silent') return [];
  const segments = new Segments(seen.places);
  const asked = holdersOf(seen, nextHop).flatMap(({ place }) =>
    segments.heardIn(place, port).map((iif) => ({ host: place.host, netns: place.netns, iif })),
  );
  return Promise.all(
    asked.map(async (at) => {
      const [lookup, back] = await Promise.all([
        ask({ ...at, to: nextHop, from }),
        // Both arp_filter and the check of sources ask for the way from the address in question (arp_filter, fib_validate_source).
        ask({ host: at.host, netns: at.netns, to: from, from: nextHop, oif: vrfOf(placeOf(seen, at), at.iif)?.name }),
      ]);
      return { ...at, lookup, back };
    }),
  );
}

/** A packet that comes by a device of a VRF comes by the VRF, too. */
function isOneWayIn(place: Place | undefined, one: string | undefined, other: string): boolean {
  const vrf = vrfOf(place, other);
  return one === other || (vrf !== undefined && vrfOf(place, one) === vrf && [one, other].includes(vrf.name));
}

/**
 * Where the packet comes in next: where it was seen to, best at a place where it was to be expected; else there. `isForeign`: it
 * has other addresses than those that are looked for, and was not seen before it gets these.
 */
function nextPort(
  direction: Direction,
  from: Port,
  { nextHop, to }: { readonly nextHop: string; readonly to: string },
  been: readonly Stage[],
  seen: Seen,
  isForeign: boolean,
): { readonly port: Port; readonly seen: boolean } | undefined {
  const expected = arrivals(seen, from, nextHop, to);
  const received = seen.events.flatMap((event): readonly Port[] => {
    const { kind, direction: way, asks, about, host, netns, dev } = event;
    if (kind !== 'receive' || way !== direction || asks || about || netns === undefined || dev === '') return [];
    const at = { host, netns };
    if (been.some((stage) => isAt(stage, at) && isOneWayIn(placeOf(seen, at), stage.iif, dev))) return [];
    if (isAt(at, from) || isStray(seen, event)) return [];
    const place = placeOf(seen, at);
    const link = linkOf(place, dev);
    // A port of a switch only hands it on.
    if (place !== undefined && link !== undefined && switchedBy(place, link) !== undefined) return [];
    return [{ host, netns, dev }];
  });
  const isExpected = (port: Port) => expected.some((one) => isAt(one, port));
  const port = received.find(isExpected) ?? (isForeign ? undefined : received[0]);
  if (port !== undefined) return { port, seen: true };
  const [first] = expected;
  return first && { port: first, seen: false };
}
