import type { Mend } from '../../../report/why/why-types.ts';
import type { Evidence } from '../evidence.ts';
import {
  type Departure,
  departures,
  holdersOf,
  linkOf,
  neighbourState,
  placeOf,
  placeText,
  wasTraced,
} from '../facts.ts';
import { Frames } from '../frame.ts';
import { outerFilters, ruleText } from '../nft-drops.ts';
import { bareRule, nftRuleTask } from '../nft-mend.ts';
import type { Node } from '../node.ts';
import { outerAddress } from '../tunnel-told.ts';
import { defineCause, type Finding, mend } from './cause.ts';

interface Tunnelled {
  readonly from: Node;
  readonly to: Node;
  /** In words. */
  readonly what: string;
}

/** The tunnels that a packet goes through between two stages, or the answer to the question before it, where no setting is in the way. */
function tunnelsOf(evidence: Evidence, frames: Frames, { stage, dev, nextHop }: Departure): readonly Tunnelled[] {
  const place = placeOf(evidence, stage);
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined) return [];
  const own = { place, link };
  const silent = neighbourState(place, dev, nextHop) === 'silent';
  return holdersOf(evidence, nextHop).flatMap((holder): readonly Tunnelled[] => {
    const held = linkOf(holder.place, holder.dev);
    if (held === undefined) return [];
    const other = { place: holder.place, link: held };
    return [
      ...crossed(frames, own, other, `the ${stage.direction}`),
      ...(silent ? crossed(frames, other, own, `the answer who has ${nextHop}`) : []),
    ];
  });
}

function crossed(frames: Frames, one: Node, other: Node, what: string): readonly Tunnelled[] {
  const way = frames.way(one, other, { mac: other.link.mac });
  if (way === undefined || way.obstacles.length > 0) return [];
  return way.crossed.flatMap((to, at) => {
    const from = way.crossed[at - 1];
    return from?.goes === 'out' && to.goes === 'in' && from.link.tunnel && to.link.tunnel ? [{ from, to, what }] : [];
  });
}

/** The namespace that a tunnel's outer packets are of. */
function outerPlace(evidence: Evidence, { place, link }: Node) {
  return placeOf(evidence, { host: place.host, netns: link.lowerNetns ?? place.netns });
}

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

function mendOf(host: string, netns: string, rules: ReturnType<typeof outerFilters>): { readonly mend?: Mend } {
  const [rule] = rules;
  if (rule === undefined || rules.length > 1) return {};
  return {
    mend: mend(host, nftRuleTask('Take the rule away', rule, bareRule(rule.text), { state: 'absent' }, netns)),
  };
}

export const cause = defineCause({
  name: 'tunnel-lost',
  summary: 'The outer packets of a VXLAN or Geneve tunnel do not get from one host to the other.',
  find: (evidence) => {
    const frames = new Frames(evidence.places);
    return departures(evidence).flatMap((departure): readonly Finding[] => {
      const { index, stage } = departure;
      if (evidence.stages[index + 1]?.seen === true) return [];
      return tunnelsOf(evidence, frames, departure).flatMap((tunnelled): readonly Finding[] => {
        const { from, to, what } = tunnelled;
        const port = to.link.tunnel?.port ?? 0;
        const outer = outerPlace(evidence, to);
        const rules = port === 0 ? [] : outerFilters(outer, port);
        const isLost = wasLost(evidence, tunnelled, stage.direction);
        const address = outerAddress(to, from);
        if (port === 0 || address === undefined || (!isLost && rules.length === 0)) return [];
        const { host, netns } = outer ?? to.place;
        const may = rules.length === 0 ? '' : `; what may drop them: ${rules.map(ruleText).join(', ')}`;
        return [
          {
            stage: index,
            confidence: 'likely',
            host,
            netns,
            direction: stage.direction,
            sentence: `The ${from.link.kind} packets that carry ${what} from ${from.link.name} of ${placeText(from.place)} to ${address}, UDP port ${port}, do not come to ${to.link.name} of ${placeText(to.place)}${may}.`,
            proof: isLost
              ? [`it left by ${from.link.name} of ${placeText(from.place)} and was seen nowhere on ${to.place.host}`]
              : [`nft list ruleset in ${placeText({ host, netns })}`],
            beware: `What stops them shows on the way beneath: orch why ${placeText(outerPlace(evidence, from) ?? from.place)} ${address} --proto udp:${port}`,
            ...mendOf(host, netns, rules),
          },
        ];
      });
    });
  },
});
