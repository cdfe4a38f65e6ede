import type { Mend } from '../../../report/why/why-types.ts';
import type { Evidence, PlaceName } from '../evidence.ts';
import { covers, type Departure, departures, placeText, wasTraced } from '../facts.ts';
import { Frames } from '../frame.ts';
import { outerFilters, ruleText } from '../nft-drops.ts';
import { bareRule, nftRuleTask } from '../nft-mend.ts';
import { outerAddress } from '../tunnel-told.ts';
import { askBeneath, outerPlace, type Tunnelled, tunnelsOf } from '../tunnelled.ts';
import { peerFor, sourceAbroad, type WireguardHop, wireguardHops } from '../wireguard.ts';
import { defineCause, type Finding, mend } from './cause.ts';

/** It, or the question before it, was seen to leave by the one end, and nowhere on the host of the other. */
function wasLost({ events, observed }: Evidence, { from, to }: Tunnelled, direction: string): boolean {
  const own = events.filter((event) => event.direction === direction && !event.about);
  const left = own.findLast(
    ({ kind, host, netns, dev }) =>
      kind === 'transmit' && host === from.place.host && netns === from.place.netns && dev === from.link.name,
  );
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

export const cause = defineCause({
  name: 'tunnel-lost',
  summary: 'The outer packets of a VXLAN, Geneve or WireGuard tunnel do not get from one host to the other.',
  find: (evidence) => {
    const frames = new Frames(evidence.places);
    const numbered = departures(evidence).flatMap((departure): readonly Finding[] => {
      const { index, stage } = departure;
      if (evidence.stages[index + 1]?.seen === true) return [];
      return tunnelsOf(evidence, frames, departure).flatMap((tunnelled): readonly Finding[] => {
        const { from, to, what } = tunnelled;
        const unsent = withoutSource(evidence, departure, tunnelled);
        if (unsent !== undefined) return [unsent];
        const port = to.link.tunnel?.port ?? 0;
        const outer = outerPlace(evidence, to);
        const rules = port === 0 ? [] : outerFilters(outer, port);
        const isLost = wasLost(evidence, tunnelled, stage.direction);
        const address = outerAddress(to, from);
        if (port === 0 || address === undefined || (!isLost && rules.length === 0)) return [];
        const { host, netns } = outer ?? to.place;
        return [
          {
            ...likely(departure, { host, netns }),
            sentence: `The ${from.link.kind} packets that carry ${what} from ${from.link.name} of ${placeText(from.place)} to ${address}, UDP port ${port}, do not come to ${to.link.name} of ${placeText(to.place)}${mayDrop(rules)}.`,
            proof: isLost
              ? [`it left by ${from.link.name} of ${placeText(from.place)} and was seen nowhere on ${to.place.host}`]
              : [`nft list ruleset in ${placeText({ host, netns })}`],
            beware: askBeneath(evidence, tunnelled),
            ...mendOf(host, netns, rules),
          },
        ];
      });
    });
    return [...numbered, ...wireguardHops(evidence).flatMap((hop) => lostSession(evidence, hop))];
  },
});
