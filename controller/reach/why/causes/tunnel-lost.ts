import type { Evidence, PlaceName } from '../seen/evidence.ts';
import {
  covers,
  type Departure,
  departures,
  lengthOf,
  longestMatch,
  packetText,
  placeOf,
  placeText,
} from '../seen/facts.ts';
import { isOneOf, type Node } from '../seen/node.ts';
import { Frames } from '../way/frame.ts';
import { outerAddresses } from '../way/outer.ts';
import { filteredOuter, mayDrop, wasLost } from '../way/outer-lost.ts';
import { outerPlace } from '../way/tunnel.ts';
import { type Tunnelled, tunnelsOf } from '../way/tunnelled.ts';
import {
  endpointOf,
  isHostOf,
  peerFilters,
  peerFor,
  sourceAbroad,
  type WireguardHop,
  wireguardHops,
} from '../way/wireguard.ts';
import { defineCause, type Finding, mend, sayingMost, task } from './cause.ts';
import { cause as forwardingOff } from './forwarding-off.ts';
import { cause as linkDown } from './link-down.ts';
import { cause as neighbourSilent } from './neighbour-silent.ts';
import { cause as noRoute } from './no-route.ts';
import { cause as refusingRoute } from './refusing-route.ts';
import { cause as rpFilter } from './rp-filter.ts';
import { cause as wrongMac } from './wrong-mac.ts';

function likely({ index, stage }: Departure, { host, netns }: PlaceName) {
  return { stage: index, confidence: 'likely', host, netns, direction: stage.direction } as const;
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

/**
 * What stops the packets of a WireGuard device; or two that had a session, and the packet left by the one: wireguard-handshake
 * tells of those that never had one.
 */
function lostSession(evidence: Evidence, hop: WireguardHop, above: readonly Node[]): readonly Finding[] {
  const { departure, own, settings, peer, far } = hop;
  const { index, stage } = departure;
  if (isOneOf(above, own)) return [intoItself(evidence, departure, own)];
  if (peer === undefined || evidence.stages[index + 1]?.seen) return [];
  const { address } = endpointOf(peer) ?? {};
  // wireguard-endpoint tells of one that is not the peer's.
  if (peer.handshake === 0 && far !== undefined && !isHostOf(evidence, far, peer)) return [];
  const stuck = stuckBeneath(evidence, departure, { from: own, what: `the ${packetText(evidence, stage)}` }, above);
  if (stuck.length > 0) return stuck;
  if (peer.handshake === 0 || far === undefined) return [];
  // wireguard-key and wireguard-allowed-ips tell why the far end drops what does come.
  if (peerFor(far.settings, sourceAbroad(evidence, departure))?.key !== settings.key) return [];
  if (!wasLost(evidence, { from: own, to: far, what: '' }, stage.direction)) return [];
  const may = mayDrop(peerFilters(evidence, hop));
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
const beneath = [refusingRoute, noRoute, wrongMac, neighbourSilent, linkDown, forwardingOff, rpFilter];

/** A tunnel whose packets lead into itself, or into one that they are carried by. */
function intoItself(evidence: Evidence, departure: Departure, { link }: Node): Finding {
  const { stage, dev } = departure;
  const { host, netns, to } = stage;
  const route = longestMatch(placeOf(evidence, stage)?.routes.filter(({ table }) => table === 'main') ?? [], to);
  const isOwn = route?.dev === dev && lengthOf(route.dst) === lengthOf(to);
  const by = dev === link.name ? '' : `, by ${dev},`;
  return {
    ...likely(departure, stage),
    device: dev,
    sentence: `the route of ${placeText(stage)} to ${to} leads${by} into ${link.name} itself, and the kernel drops them.`,
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
  { from, what }: Omit<Tunnelled, 'to'>,
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
      sentence: `The ${from.link.wireguard ? 'WireGuard' : from.link.kind} packets that carry ${what} by ${from.link.name} of ${placeText(from.place)} do not come to ${to}: ${finding.sentence}`,
    }));
}

/** What is lost of the packets that tunnels make of others; `above`: the tunnels that the way is beneath. */
function lostIn(evidence: Evidence, above: readonly Node[]): readonly Finding[] {
  const frames = new Frames(evidence.places);
  const unarrived = departures(evidence).filter(({ index }) => evidence.stages[index + 1]?.seen !== true);
  const tunnels = unarrived.flatMap((departure) =>
    tunnelsOf(evidence, frames, departure).flatMap((tunnelled, index): readonly Finding[] => {
      // link-down tells of it.
      if (!tunnelled.to.link.up) return [];
      if (isOneOf(above, tunnelled.from)) return [intoItself(evidence, departure, tunnelled.from)];
      const unsent = withoutSource(evidence, departure, tunnelled);
      if (unsent !== undefined) return [unsent];
      const stuck = index === 0 ? stuckBeneath(evidence, departure, tunnelled, above) : [];
      return stuck.length > 0 ? stuck : filteredOuter(evidence, departure, tunnelled);
    }),
  );
  return [...tunnels, ...wireguardHops(evidence).flatMap((hop) => lostSession(evidence, hop, above))];
}

export const cause = defineCause({
  name: 'tunnel-lost',
  summary: 'The outer packets of a tunnel do not get from one host to the other.',
  find: (evidence) => lostIn(evidence, []),
});
