import { departures, holdersOf, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import { netemOf, tooMuch } from '../way/netem.ts';
import { routeOn, wayOn } from '../way/way-on.ts';
import { defineCause, mend } from './cause.ts';

export const cause = defineCause({
  name: 'neighbour-silent',
  summary: 'Nobody answers for the MAC of the next hop.',
  general: true,
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
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
});
