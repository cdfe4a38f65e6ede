import type { Evidence } from '../evidence.ts';
import { type Departure, departures, holdersOf, longestMatch, neighbourState, placeOf, placeText } from '../facts.ts';
import { netemOf, tooMuch } from '../netem.ts';
import { routeOn, wayOn } from '../way-on.ts';
import { defineCause, type Finding, mend } from './cause.ts';

/** Next hops that the kernel may have chosen instead, and that are silent: what it would choose once more, another packet may not. */
function silentLegs(evidence: Evidence, { stage, dev, nextHop }: Departure): readonly Finding[] {
  const place = placeOf(evidence, stage);
  const table = place?.routes.filter((route) => route.table === (stage.lookup.table ?? 'main')) ?? [];
  const dst = longestMatch(table, stage.to)?.dst;
  const legs = table.filter((route) => route.shared && route.dst === dst);
  if (!legs.some((leg) => leg.dev === dev && leg.gateway === nextHop)) return [];
  return legs.flatMap(({ dev: by = '', gateway = '' }): readonly Finding[] => {
    if (gateway === nextHop || neighbourState(place, by, gateway) !== 'silent') return [];
    const { host, netns, direction, to } = stage;
    return [
      {
        // Whatever else is found comes first.
        stage: evidence.stages.length - 1,
        confidence: 'likely',
        ...{ host, netns, device: by, direction },
        sentence: `${placeText(stage)} has several next hops for ${to}, of which it takes one by the packet, and nobody answers on ${by} who has ${gateway}, one of them.`,
        proof: [`ip neighbour show ${gateway} dev ${by} in ${placeText(stage)}: no MAC (INCOMPLETE or FAILED)`],
      },
    ];
  });
}

export const cause = defineCause({
  name: 'neighbour-silent',
  summary: 'Nobody answers for the MAC of the next hop.',
  general: true,
  find: (evidence) => [
    ...departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const { host, netns, direction } = stage;
      if (neighbourState(placeOf(evidence, stage), dev, nextHop) !== 'silent') return [];
      const holders = holdersOf(evidence, nextHop);
      // What answers late is another cause's to tell.
      if (holders.some((holder) => netemOf(holder).some((one) => tooMuch(one, evidence.question)))) return [];
      const where =
        holders.length === 0
          ? 'no host that orch looked at has that address'
          : `${holders.map((holder) => `${placeText(holder.place)} has it on ${holder.dev}`).join(', ')}`;
      // A default route's next hop is meant to be there.
      const way = holders.length > 0 || nextHop === stage.to ? undefined : wayOn(evidence, stage, stage.to);
      const instead = way?.replaces === undefined ? undefined : way;
      return [
        {
          stage: index,
          confidence: 'likely' as const,
          host,
          netns,
          device: dev,
          direction,
          sentence: `Nobody answers ${placeText(stage)} on ${dev} who has ${nextHop}${nextHop === stage.to ? '' : ', the next hop'}; ${where}${instead === undefined ? '' : `, and ${placeText(instead.router)} (${instead.via}) leads to ${instead.network}`}.`,
          proof: [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC (INCOMPLETE or FAILED)`],
          ...(instead === undefined ? {} : { mend: mend(host, routeOn(instead, netns)) }),
        },
      ];
    }),
    ...departures(evidence).flatMap((departure) => silentLegs(evidence, departure)),
  ],
});
