import type { Evidence, Place } from '../seen/evidence.ts';
import {
  type Departure,
  departures,
  dropsOf,
  holdersOf,
  isV6,
  linkOf,
  neighbourState,
  placeOf,
  placeText,
} from '../seen/facts.ts';
import { Frames } from '../way/frame.ts';
import { bareRule, nftRuleTask } from '../way/nft-mend.ts';
import { switchedBy } from '../way/segment.ts';
import { defineCause, type Finding, mend } from './cause.ts';

type Rule = Place['nftRules'][number];

interface Filter {
  readonly place: Place;
  readonly chain: Place['nftChains'][number];
  /** Undefined: its policy. */
  readonly rule?: Rule;
}

const drops = (text: string) => /\b(drop|reject)\b/.test(text);
const isDiscovery = (text: string) => /nd-neighbor/.test(text) || (/ipv6-icmp/.test(text) && !/icmpv6 type/.test(text));

function rulesOf(place: Place, chain: Filter['chain']): readonly Rule[] {
  return place.nftRules.filter(
    ({ family, table, chain: name }) => family === chain.family && table === chain.table && name === chain.name,
  );
}

/** What may keep questions for a MAC, or their answers, from passing a hook of a namespace. */
function filtersOf(place: Place, hook: string, v6: boolean): readonly Filter[] {
  const families = v6 ? ['inet', 'ip6'] : ['arp'];
  const chains = place.nftChains.filter((chain) => chain.hook === hook && families.includes(chain.family));
  return chains.flatMap((chain): readonly Filter[] => {
    const relevant = rulesOf(place, chain).filter(({ text }) => !v6 || isDiscovery(text));
    const rule = relevant.find(({ text }) => drops(text));
    if (rule !== undefined) return [{ place, chain, rule }];
    const accepted = relevant.some(({ text }) => /\baccept\b/.test(text));
    return chain.policy === 'drop' && !accepted ? [{ place, chain }] : [];
  });
}

/** A rule of a bridge that all of ARP dies of, and one that may let it pass. */
const dropsAll = /^(ether type arp )?(counter )?drop$/;
const mayPass = /\b(accept|jump|goto|vmap|queue|return)\b/;

/** What surely keeps ARP from passing a bridge that the question goes through. */
function bridgeFilters(evidence: Evidence, { stage, dev, nextHop }: Departure): readonly Filter[] {
  const isBridged = ({ family, hook }: Filter['chain']) => family === 'bridge' && hook === 'forward';
  const places = evidence.places.filter((place) => place.nftChains.some(isBridged));
  const place = placeOf(evidence, stage);
  const link = linkOf(place, dev);
  if (isV6(nextHop) || places.length === 0 || place === undefined || link === undefined) return [];
  const frames = new Frames(evidence.places);
  const crossed = holdersOf(evidence, nextHop).flatMap((holder) => {
    const held = linkOf(holder.place, holder.dev);
    const way = held && frames.way({ place, link }, { place: holder.place, link: held }, 'broadcast');
    return way?.crossed.filter((node) => switchedBy(node.place, node.link)?.kind === 'bridge') ?? [];
  });
  return places
    .filter((at) => crossed.filter((node) => node.place === at).length > 1)
    .flatMap((at) =>
      at.nftChains.filter(isBridged).flatMap((chain): readonly Filter[] => {
        const rule = rulesOf(at, chain).find(({ text }) => dropsAll.test(bareRule(text)) || mayPass.test(text));
        if (rule === undefined) return chain.policy === 'drop' ? [{ place: at, chain }] : [];
        return mayPass.test(rule.text) ? [] : [{ place: at, chain, rule }];
      }),
    );
}

function mendOf({ place, chain, rule }: Filter, v6: boolean) {
  const name = 'Let MACs be asked for';
  const arp = chain.family === 'bridge' ? 'ether type arp accept' : 'accept';
  const accept = v6 ? 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept' : arp;
  const { netns } = place;
  const change =
    rule === undefined
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
      const others = holdersOf(evidence, nextHop).map((holder) => holder.place);
      const filters = [place, ...others].flatMap((at) => [
        ...filtersOf(at, 'input', v6),
        ...filtersOf(at, 'output', v6),
      ]);
      filters.push(...bridgeFilters(evidence, departure));
      const dropOf = ({ place: { host, netns } }: Filter) =>
        dropsOf(evidence).find(
          (event) => event.asks && event.reason === 'NETFILTER_DROP' && event.host === host && event.netns === netns,
        );
      const filter = filters.find(dropOf) ?? filters[0];
      if (filter === undefined) return [];
      const { chain, rule } = filter;
      const drop = dropOf(filter);
      const suspects = filters.filter(({ place: at }) => at === filter.place);
      const name = `chain ${chain.family} ${chain.table} ${chain.name}`;
      const what =
        rule === undefined
          ? `the policy of ${name} is drop, and no rule accepts them`
          : `rule ${rule.handle} of ${name}, ${rule.text}`;
      return [
        {
          stage: index,
          confidence: drop !== undefined && suspects.length === 1 ? 'certain' : 'likely',
          host: filter.place.host,
          netns: filter.place.netns,
          direction: stage.direction,
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
