import type { Mend } from '../../../report/why/why-types.ts';
import type { Evidence, Place, PlaceName, WayEvent } from '../evidence.ts';
import {
  covers,
  type Departure,
  departures,
  isAt,
  lengthOf,
  linkOf,
  longestMatch,
  placeOf,
  placeText,
  wasTraced,
} from '../facts.ts';
import { Frames } from '../frame.ts';
import { ruleText } from '../nft-drops.ts';
import { bareRule, nftRuleTask } from '../nft-mend.ts';
import { isOneOf, type Node } from '../node.ts';
import { outerAddress, outerAddresses } from '../outer.ts';
import { type OuterPackets, outerFilters, type Side } from '../outer-filters.ts';
import { downwards, type Port } from '../segment.ts';
import { outerPlace } from '../tunnel.ts';
import { askBeneath, type Tunnelled, tunnelsOf } from '../tunnelled.ts';
import { endpointOf, peerFilters, peerFor, sourceAbroad, type WireguardHop, wireguardHops } from '../wireguard.ts';
import { defineCause, type Finding, mend, sayingMost, task } from './cause.ts';
import { cause as forwardingOff } from './forwarding-off.ts';
import { cause as linkDown } from './link-down.ts';
import { cause as neighbourSilent } from './neighbour-silent.ts';
import { cause as noRoute } from './no-route.ts';
import { cause as refusingRoute } from './refusing-route.ts';
import { cause as wrongMac } from './wrong-mac.ts';

/** It, or the question before it, was seen to leave by the one end, and nowhere on the host of the other. */
function wasLost({ events, observed }: Evidence, { from, to }: Tunnelled, direction: string): boolean {
  const own = events.filter((event) => event.direction === direction && !event.about);
  const left = own.findLast(
    ({ kind, host, netns, dev }) =>
      kind === 'transmit' && host === from.place.host && netns === from.place.netns && dev === from.link.name,
  );
  // Too large for the tunnel: the kernel says so to the sender, and sends nothing on (RFC 792, RFC 4443).
  const tooLong = ({ about, host, type, code }: WayEvent) =>
    about && host === from.place.host && ((type === 3 && code === 4) || (type === 2 && code === 0));
  if (events.some(tooLong)) return false;
  if (left === undefined || left.host === to.place.host || !wasTraced({ observed }, to.place.host)) return false;
  return !own.some(({ host, asks }) => host === to.place.host && asks === left.asks);
}

function likely({ index, stage }: Departure, { host, netns }: PlaceName) {
  return { stage: index, confidence: 'likely', host, netns, direction: stage.direction } as const;
}

function mayDrop(rules: ReturnType<typeof outerFilters>): string {
  return rules.length === 0 ? '' : `; what may drop them: ${rules.map(ruleText).join(', ')}`;
}

/** A tunnel that sends from an address that its host does not have: its packets do not leave (ip_route_output_key). */
function withoutSource(evidence: Evidence, departure: Departure, { from, what }: Tunnelled): Finding | undefined {
  const local = from.link.tunnel?.local ?? '';
  const outer = outerPlace(evidence, from);
  const { place, link } = from;
  const own = outerAddresses(evidence, from);
  if (local === '' || outer === undefined || own.length === 0) return undefined;
  const isLocal = outer.routes.some(
    ({ type, dst, dev }) => type === 'local' && !(outer === place && dev === link.name) && covers(dst, local),
  );
  if (isLocal || own.some(({ address }) => address === local)) return undefined;
  return {
    ...likely(departure, place),
    device: link.name,
    sentence: `${link.name} of ${placeText(place)} sends the ${link.kind} packets that carry ${what} from ${local}, and ${placeText(outer)} does not have that address: they do not leave.`,
    proof: [
      `ip -d link show ${link.name} in ${placeText(place)}: local ${local}`,
      `ip address in ${placeText(outer)}: no ${local}`,
    ],
  };
}

function mendOf(host: string, netns: string, rules: ReturnType<typeof outerFilters>): { readonly mend?: Mend } {
  const [rule] = rules;
  if (rule === undefined || rules.length > 1) return {};
  return {
    mend: mend(host, nftRuleTask('Take the rule away', rule, bareRule(rule.text), { state: 'absent' }, netns)),
  };
}

/** Two WireGuard devices that had a session, and the packet left by the one: wireguard-handshake tells of those that never had one. */
function lostSession(evidence: Evidence, hop: WireguardHop): readonly Finding[] {
  const { departure, own, settings, peer, far } = hop;
  const { index, stage } = departure;
  if (peer === undefined || peer.handshake === 0 || far === undefined || evidence.stages[index + 1]?.seen) return [];
  // wireguard-key and wireguard-allowed-ips tell why the far end drops what does come.
  if (peerFor(far.settings, sourceAbroad(evidence, departure))?.key !== settings.key) return [];
  if (!wasLost(evidence, { from: own, to: far, what: '' }, stage.direction)) return [];
  const may = mayDrop(peerFilters(evidence, hop));
  const { address } = endpointOf(peer) ?? {};
  return [
    {
      ...likely(departure, far.place),
      sentence: `The WireGuard packets that carry the ${stage.direction} from ${own.link.name} of ${placeText(own.place)} to ${peer.endpoint} do not come to ${far.link.name} of ${placeText(far.place)}, or the two agree on no new session${may}.`,
      proof: [`it left by ${own.link.name} of ${placeText(own.place)} and was seen nowhere on ${far.place.host}`],
      ...(address === undefined
        ? {}
        : {
            beware: `What stops them shows on the way beneath: orch why ${placeText(own.place)} ${address}`,
          }),
    },
  ];
}

/** Causes that tell by the state of hosts alone what keeps a packet from its goal. */
const beneath = [refusingRoute, noRoute, wrongMac, neighbourSilent, linkDown, forwardingOff];

/** A tunnel whose packets lead into itself, or into one that they are carried by. */
function intoItself(evidence: Evidence, departure: Departure, { from }: Tunnelled): Finding {
  const { stage, dev } = departure;
  const { host, netns, to } = stage;
  const route = longestMatch(placeOf(evidence, stage)?.routes.filter(({ table }) => table === 'main') ?? [], to);
  const isOwn = route?.dev === dev && lengthOf(route.dst) === lengthOf(to);
  const by = dev === from.link.name ? '' : `, by ${dev},`;
  return {
    ...likely(departure, stage),
    device: dev,
    sentence: `the route of ${placeText(stage)} to ${to} leads${by} into ${from.link.name} itself, and the kernel drops them.`,
    proof: [`ip route get ${to} in ${placeText(stage)}: dev ${dev}`],
    ...(isOwn
      ? {
          mend: mend(
            host,
            task('Take the route into the tunnel away', 'route', { dst: to, dev, state: 'absent' }, netns),
          ),
        }
      : {}),
  };
}

/** What stops the outer packets on their own way, which may lead through tunnels, too; `above`: those that it is beneath. */
function stuckBeneath(
  evidence: Evidence,
  departure: Departure,
  { from, what }: Tunnelled,
  above: readonly Node[],
): readonly Finding[] {
  const [start] = departure.stage.beneath ?? [];
  if (start === undefined) return [];
  const { host, netns, to } = start;
  const own = { host, netns, to, protocol: 'icmp', port: 0 } as const;
  const outer: Evidence = {
    ...{ ...evidence, question: { ...evidence.question, ...own }, isBeneath: true },
    ...{ stages: departure.stage.beneath ?? [], events: [], nft: [] },
  };
  const found = [...beneath, { find: (one: Evidence) => lostIn(one, [...above, from]), general: false }].flatMap(
    ({ find, general }) => find(outer).map((finding) => ({ finding, general })),
  );
  return sayingMost(found)
    .map(({ finding }) => finding)
    .sort((one, other) => one.stage - other.stage)
    .map((finding) => ({
      ...finding,
      ...likely(departure, finding),
      sentence: `The ${from.link.kind} packets that carry ${what} by ${from.link.name} of ${placeText(from.place)} do not come to ${to}: ${finding.sentence}`,
    }));
}

/** What filters do with the outer packets, where nothing else is known to stop them, or that nobody saw them come. */
function filtered(evidence: Evidence, departure: Departure, tunnelled: Tunnelled): readonly Finding[] {
  const { from, to, what } = tunnelled;
  const address = outerAddress(evidence, to, from);
  const isLost = wasLost(evidence, tunnelled, departure.stage.direction);
  const packets = outerPackets(evidence, tunnelled);
  const port = packets.port === 0 ? '' : `, UDP port ${packets.port},`;
  const carrier = `The ${from.link.kind} packets that carry ${what} from ${from.link.name} of ${placeText(from.place)} to ${address ?? 'its other end'}${port}`;
  const sites = sitesOf(evidence, departure, tunnelled).map(({ place, side, dev }) => {
    const bridged = dev === undefined || isBridged(evidence, { ...place, dev });
    return { at: place, side, rules: outerFilters(place, { ...packets, bridged }, side) };
  });
  const filter = sites.find(({ rules }) => rules.length > 0);
  const { at, rules } = filter ?? { at: outerPlace(evidence, to) ?? to.place, rules: [] };
  const failing =
    filter === undefined || filter.side === 'received'
      ? `do not come to ${to.link.name} of ${placeText(to.place)}`
      : `do not ${filter.side === 'sent' ? 'leave' : 'pass'} ${placeText(at)}`;
  if (!isLost && rules.length === 0) return [];
  const { host, netns } = at;
  return [
    {
      ...likely(departure, { host, netns }),
      sentence: `${carrier} ${failing}${mayDrop(rules)}.`,
      proof: isLost
        ? [`it left by ${from.link.name} of ${placeText(from.place)} and was seen nowhere on ${to.place.host}`]
        : [`nft list ruleset in ${placeText({ host, netns })}`],
      beware: askBeneath(evidence, tunnelled),
      ...mendOf(host, netns, rules),
    },
  ];
}

/** Where filters meet the outer packets: by the way beneath, where it is known, and at the other end. */
function sitesOf(evidence: Evidence, { stage: { beneath = [] } }: Departure, { from, to }: Tunnelled) {
  const [sender, receiver] = [outerPlace(evidence, from), outerPlace(evidence, to)];
  type Site = { readonly place: Place; readonly side: Side; readonly dev?: string | undefined };
  const site = (place: Place | undefined, side: Side, dev?: string): readonly Site[] =>
    place === undefined ? [] : [{ place, side, dev }];
  const passing = beneath.filter((one) => one.iif !== undefined && !(receiver && isAt(one, receiver)));
  const last = beneath.find((one) => one.iif !== undefined && receiver && isAt(one, receiver));
  return [
    ...site(sender, 'sent', beneath[0]?.lookup.dev),
    ...passing.flatMap((one) => site(placeOf(evidence, one), 'passed', one.iif)),
    ...site(receiver, 'received', last?.iif),
  ];
}

function isBridged(evidence: Evidence, port: Port): boolean {
  return downwards(evidence.places, port).some((one) => linkOf(placeOf(evidence, one), one.dev)?.kind === 'bridge');
}

function outerPackets(evidence: Evidence, { from, to }: Tunnelled): Omit<OuterPackets, 'bridged'> {
  const { kind, tunnel } = from.link;
  const known = (address: string | undefined) => (address === undefined || address === '' ? [] : [address]);
  return {
    ...{ kind, port: to.link.tunnel?.port ?? 0 },
    from: known(outerAddress(evidence, from, to)),
    to: [...known(outerAddress(evidence, to, from)), ...known(tunnel?.remote)],
  };
}

/** What is lost of the packets that tunnels make of others; `above`: the tunnels that the way is beneath. */
function lostIn(evidence: Evidence, above: readonly Node[]): readonly Finding[] {
  const frames = new Frames(evidence.places);
  const unarrived = departures(evidence).filter(({ index }) => evidence.stages[index + 1]?.seen !== true);
  return unarrived.flatMap((departure) =>
    tunnelsOf(evidence, frames, departure).flatMap((tunnelled, index): readonly Finding[] => {
      // link-down tells of it.
      if (!tunnelled.to.link.up) return [];
      if (isOneOf(above, tunnelled.from)) return [intoItself(evidence, departure, tunnelled)];
      const unsent = withoutSource(evidence, departure, tunnelled);
      if (unsent !== undefined) return [unsent];
      const stuck = index === 0 ? stuckBeneath(evidence, departure, tunnelled, above) : [];
      return stuck.length > 0 ? stuck : filtered(evidence, departure, tunnelled);
    }),
  );
}

export const cause = defineCause({
  name: 'tunnel-lost',
  summary: 'The outer packets of a tunnel do not get from one host to the other.',
  find: (evidence) => [
    ...lostIn(evidence, []),
    ...wireguardHops(evidence).flatMap((hop) => lostSession(evidence, hop)),
  ],
});
