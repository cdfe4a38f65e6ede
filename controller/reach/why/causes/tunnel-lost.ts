import type { Mend } from '../../../report/why/why-types.ts';
import type { Evidence, PlaceName, WayEvent } from '../evidence.ts';
import {
  covers,
  type Departure,
  departures,
  isAt,
  lengthOf,
  longestMatch,
  placeOf,
  placeText,
  wasTraced,
} from '../facts.ts';
import { Frames } from '../frame.ts';
import { outerFilters, ruleText, tunnelFilters } from '../nft-drops.ts';
import { bareRule, nftRuleTask } from '../nft-mend.ts';
import { outerAddress } from '../tunnel-told.ts';
import { askBeneath, outerPlace, type Tunnelled, tunnelsOf } from '../tunnelled.ts';
import { peerFor, sourceAbroad, type WireguardHop, wireguardHops } from '../wireguard.ts';
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
  const own = outer?.addresses.filter(({ dev }) => dev !== link.name) ?? [];
  if (local === '' || outer === undefined || own.length === 0) return undefined;
  const isLocal = outer.routes.some(
    ({ type, dst, dev }) => type === 'local' && dev !== link.name && covers(dst, local),
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
function lostSession(evidence: Evidence, { departure, own, settings, peer, far }: WireguardHop): readonly Finding[] {
  const { index, stage } = departure;
  if (peer === undefined || peer.handshake === 0 || far === undefined || evidence.stages[index + 1]?.seen) return [];
  // wireguard-key and wireguard-allowed-ips tell why the far end drops what does come.
  if (peerFor(far.settings, sourceAbroad(evidence, departure))?.key !== settings.key) return [];
  if (!wasLost(evidence, { from: own, to: far, what: '' }, stage.direction)) return [];
  const may = mayDrop(outerFilters(far.place, far.settings.port));
  const [, address] = /^\[?(.*?)\]?:\d+$/.exec(peer.endpoint) ?? [];
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

/** What stops the outer packets on their own way. */
function stuckBeneath(evidence: Evidence, departure: Departure, { from, what }: Tunnelled): readonly Finding[] {
  const { stage } = departure;
  const [start] = stage.beneath ?? [];
  if (start === undefined || stage.beneath === undefined) return [];
  const { host, netns, to } = start;
  const carrier = `The ${from.link.kind} packets that carry ${what} by ${from.link.name} of ${placeText(from.place)}`;
  if (start.lookup.dev === from.link.name && isAt(start, from.place)) {
    const route = longestMatch(placeOf(evidence, start)?.routes.filter(({ table }) => table === 'main') ?? [], to);
    const isOwn = route?.dev === from.link.name && lengthOf(route.dst) === lengthOf(to);
    const away = { dst: to, dev: from.link.name, state: 'absent' };
    return [
      {
        ...likely(departure, start),
        device: from.link.name,
        sentence: `${carrier} go to ${to}, and the route to there leads into ${from.link.name} itself: the kernel drops them.`,
        proof: [`ip route get ${to} in ${placeText(start)}: dev ${from.link.name}`],
        ...(isOwn ? { mend: mend(host, task('Take the route into the tunnel away', 'route', away, netns)) } : {}),
      },
    ];
  }
  const own = { host, netns, to, protocol: 'icmp', port: 0 } as const;
  // No way beneath leads through the tunnel itself.
  const places = evidence.places.map((place) =>
    place === from.place ? { ...place, addresses: place.addresses.filter(({ dev }) => dev !== from.link.name) } : place,
  );
  const outer = {
    ...{ ...evidence, places, question: { ...evidence.question, ...own } },
    ...{ stages: stage.beneath, events: [], nft: [] },
  };
  const found = beneath.flatMap(({ find, general }) => find(outer).map((finding) => ({ finding, general })));
  return sayingMost(found)
    .map(({ finding }) => finding)
    .sort((one, other) => one.stage - other.stage)
    .map((finding) => ({
      ...finding,
      ...likely(departure, finding),
      sentence: `${carrier} do not come to ${to}: ${finding.sentence}`,
    }));
}

/** What filters do with the outer packets, where nothing else is known to stop them, or that nobody saw them come. */
function filtered(evidence: Evidence, departure: Departure, tunnelled: Tunnelled): readonly Finding[] {
  const { from, to, what } = tunnelled;
  const address = outerAddress(to, from);
  if (address === undefined) return [];
  const isLost = wasLost(evidence, tunnelled, departure.stage.direction);
  const sender = outerPlace(evidence, from) ?? from.place;
  const receiver = outerPlace(evidence, to) ?? to.place;
  const sent = tunnelFilters(sender, from.link, true);
  const port = to.link.tunnel?.port ?? 0;
  const goal = `${address}${port === 0 ? '' : `, UDP port ${port},`}`;
  const carrier = `The ${from.link.kind} packets that carry ${what} from ${from.link.name} of ${placeText(from.place)} to ${goal}`;
  const [at, rules, failing] =
    sent.length > 0
      ? ([sender, sent, `do not leave ${placeText(sender)}`] as const)
      : ([
          receiver,
          tunnelFilters(receiver, to.link, false),
          `do not come to ${to.link.name} of ${placeText(to.place)}`,
        ] as const);
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

export const cause = defineCause({
  name: 'tunnel-lost',
  summary: 'The outer packets of a tunnel do not get from one host to the other.',
  find: (evidence) => {
    const frames = new Frames(evidence.places);
    const unarrived = departures(evidence).filter(({ index }) => evidence.stages[index + 1]?.seen !== true);
    const numbered = unarrived.flatMap((departure) =>
      tunnelsOf(evidence, frames, departure).flatMap((tunnelled, index): readonly Finding[] => {
        // link-down tells of it.
        if (!tunnelled.to.link.up) return [];
        const unsent = withoutSource(evidence, departure, tunnelled);
        if (unsent !== undefined) return [unsent];
        const stuck = index === 0 ? stuckBeneath(evidence, departure, tunnelled) : [];
        return stuck.length > 0 ? stuck : filtered(evidence, departure, tunnelled);
      }),
    );
    return [...numbered, ...wireguardHops(evidence).flatMap((hop) => lostSession(evidence, hop))];
  },
});
