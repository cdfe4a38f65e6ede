import type { Evidence, Place } from '../seen/evidence.ts';
import {
  type Departure,
  departures,
  dropsOf,
  holdersOf,
  isLinkLocal,
  isV6,
  largerOf,
  linkOf,
  neighbourState,
  placeOf,
  placeText,
  sameNetwork,
} from '../seen/facts.ts';
import { Frames } from '../way/frame.ts';
import { fateBy, type NeighbourPacket } from '../way/neighbour-rule.ts';
import { bareRule, nftRuleTask } from '../way/nft-mend.ts';
import { Segments, switchedBy } from '../way/segment.ts';
import { defineCause, type Finding, foundAt, mend } from './cause.ts';

type Rule = Place['nftRules'][number];

interface Filter {
  readonly place: Place;
  readonly chain: Place['nftChains'][number];
  /** Undefined: its policy. */
  readonly rule?: Rule;
  /** Rules before its policy may let them pass. */
  readonly isOpen?: true;
}

function rulesOf(place: Place, chain: Filter['chain']): readonly Rule[] {
  return place.nftRules.filter(
    ({ family, table, chain: name }) => family === chain.family && table === chain.table && name === chain.name,
  );
}

/**
 * What keeps a packet from passing a chain: the first rule that drops it for sure, or its policy, where none may let it pass before.
 * `isLost`: the kernel says that a filter there dropped it.
 */
function filterIn(place: Place, chain: Filter['chain'], packet: NeighbourPacket, isLost = false): readonly Filter[] {
  const isDrop = chain.policy === 'drop';
  for (const rule of rulesOf(place, chain)) {
    const fate = fateBy(rule.text, packet);
    if (fate === 'dropped') return [{ place, chain, rule }];
    if (fate === 'passed') return isDrop && isLost ? [{ place, chain, isOpen: true }] : [];
  }
  return isDrop ? [{ place, chain }] : [];
}

/** What keeps a question for a MAC, or its answer, from passing a hook of a namespace. */
function filtersOf(place: Place, hook: string, packet: NeighbourPacket, isLost: boolean): readonly Filter[] {
  const families = packet.v6 ? ['inet', 'ip6'] : ['arp'];
  const chains = place.nftChains.filter((chain) => chain.hook === hook && families.includes(chain.family));
  return chains.flatMap((chain) => filterIn(place, chain, packet, isLost));
}

/** A question for the MAC of the next hop, and its answer, by the address that the kernel gives as the asker's (arp_solicit, ndisc_solicit). */
function packetsOf(place: Place, { stage, dev, nextHop }: Departure) {
  const v6 = isV6(nextHop);
  const own = place.addresses.filter((held) => held.dev === dev && isV6(held.address) === v6);
  const isOwn = (v6 ? own : place.addresses).some(({ address }) => address === stage.from);
  const near = own.find(({ address, prefix }) =>
    v6 ? isLinkLocal(address) : sameNetwork(address, nextHop, prefix),
  )?.address;
  const isOfNetwork = own.some(({ prefix }) => sameNetwork(stage.from, nextHop, prefix));
  // 0: as it is sent; 1: only an address of the next hop's network; 2: one of the kernel's choice.
  const announce = v6 ? 0 : largerOf(place, dev, 'arp_announce')?.effective;
  const isKept = isOwn && (announce === 0 || (announce === 1 && isOfNetwork));
  const asker = announce === undefined ? undefined : isKept ? stage.from : near;
  const list = asker === undefined ? [] : [asker];
  return {
    // Discovery asks a group.
    question: { v6, isAnswer: false, from: list, to: v6 ? [] : [nextHop] },
    answer: { v6, isAnswer: true, from: [nextHop], to: list },
  };
}

/** Who has the next hop's address, by the devices that hear the question: others may have the same address elsewhere. */
function hearersOf(evidence: Evidence, { stage, dev, nextHop }: Departure) {
  const segments = new Segments(evidence.places);
  const { host, netns } = stage;
  return holdersOf(evidence, nextHop).flatMap(({ place, dev: own }) => {
    const heard = segments.heardIn(place, { host, netns, dev });
    // One with the address is asked by it.
    return (heard.includes(own) ? [own] : heard).map((name) => ({ place, dev: name }));
  });
}

/** What surely keeps ARP from passing a bridge that the question goes through. */
function bridgeFilters(evidence: Evidence, departure: Departure): readonly Filter[] {
  const { stage, dev, nextHop } = departure;
  const isBridged = ({ family, hook }: Filter['chain']) => family === 'bridge' && hook === 'forward';
  const places = evidence.places.filter((place) => place.nftChains.some(isBridged));
  const place = placeOf(evidence, stage);
  const link = linkOf(place, dev);
  if (isV6(nextHop) || places.length === 0 || place === undefined || link === undefined) return [];
  const { question, answer } = packetsOf(place, departure);
  const frames = new Frames(evidence.places);
  const crossed = holdersOf(evidence, nextHop).flatMap((holder) => {
    const held = linkOf(holder.place, holder.dev);
    const way = held && frames.way({ place, link }, { place: holder.place, link: held }, 'broadcast');
    return way?.crossed.filter((node) => switchedBy(node.place, node.link)?.kind === 'bridge') ?? [];
  });
  return places
    .filter((at) => crossed.filter((node) => node.place === at).length > 1)
    .flatMap((at) =>
      at.nftChains
        .filter(isBridged)
        .flatMap((chain) => [question, answer].flatMap((packet) => filterIn(at, chain, packet)).slice(0, 1)),
    );
}

function mendOf({ place, chain, rule }: Filter, v6: boolean) {
  const name = 'Let MACs be asked for';
  const arp = chain.family === 'bridge' ? 'ether type arp accept' : 'accept';
  const accept = v6 ? 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept' : arp;
  const { netns } = place;
  // A rule that is not just about discovery is for others, too.
  const change =
    rule === undefined || (v6 && !/nd-neighbor/.test(rule.text))
      ? nftRuleTask(name, { ...chain, chain: chain.name }, accept, { place: 'first' }, netns)
      : nftRuleTask(name, rule, bareRule(rule.text), { state: 'absent' }, netns);
  return mend(place.host, change);
}

export const cause = defineCause({
  name: 'neighbour-filtered',
  summary: 'A packet filter drops the question for a MAC, or its answer: ARP, or neighbour discovery of IPv6.',
  find: (evidence: Evidence) =>
    departures(evidence).flatMap((departure): readonly Finding[] => {
      const { index, stage, dev, nextHop } = departure;
      const place = placeOf(evidence, stage);
      if (place === undefined || neighbourState(place, dev, nextHop) !== 'silent') return [];
      const v6 = isV6(nextHop);
      const dropAt = ({ host, netns }: Place) =>
        dropsOf(evidence).find(
          (event) => event.asks && event.reason === 'NETFILTER_DROP' && event.host === host && event.netns === netns,
        );
      const { question, answer } = packetsOf(place, departure);
      const meet = (at: Place, by: string, hook: string, packet: NeighbourPacket) =>
        filtersOf(at, hook, { ...packet, [hook === 'input' ? 'iif' : 'oif']: by }, dropAt(at) !== undefined);
      const filters = [
        ...meet(place, dev, 'input', answer),
        ...meet(place, dev, 'output', question),
        ...hearersOf(evidence, departure).flatMap((holder) => [
          ...meet(holder.place, holder.dev, 'input', question),
          ...meet(holder.place, holder.dev, 'output', answer),
        ]),
      ];
      filters.push(...bridgeFilters(evidence, departure));
      const filter = filters.find((one) => dropAt(one.place)) ?? filters[0];
      if (filter === undefined) return [];
      const { chain, rule } = filter;
      const drop = dropAt(filter.place);
      const suspects = filters.filter(({ place: at }) => at === filter.place);
      const name = `chain ${chain.family} ${chain.table} ${chain.name}`;
      const what =
        rule === undefined
          ? `the policy of ${name} is drop, and no rule accepts them`
          : `rule ${rule.handle} of ${name}, ${rule.text}`;
      return [
        {
          ...foundAt(
            { index, stage, place: filter.place },
            drop !== undefined && suspects.length === 1 && !filter.isOpen ? 'certain' : 'likely',
          ),
          sentence: `Nobody answers ${placeText(stage)} on ${dev} who has ${nextHop}, and a packet filter of ${placeText(filter.place)} drops ${v6 ? 'neighbour discovery' : 'ARP'}: ${what}.`,
          proof: [
            `ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`,
            ...(drop === undefined ? [] : [`the kernel of ${drop.host} dropped it: ${drop.reason}`]),
          ],
          // A rule of a bridge is for others, too: it stays where it was not seen to drop.
          ...(chain.family === 'bridge' && rule !== undefined && drop === undefined
            ? {}
            : { mend: mendOf(filter, v6) }),
        },
      ];
    }),
});
