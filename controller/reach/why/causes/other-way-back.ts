import { departures, placeText } from '../seen/facts.ts';
import { isInSight } from '../way/segment.ts';
import { wayBack } from '../way/way-back.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'other-way-back',
  summary: 'The reply goes to a router that nobody knows, and not back to the one that the request came by.',
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const { host, netns, direction, to } = stage;
      if (direction !== 'reply' || stage.iif !== undefined || isInSight(evidence, { ...stage, dev }, nextHop, to))
        return [];
      const came = wayBack(evidence, stage);
      if (came === undefined) return [];
      return [
        {
          ...foundAt({ index, stage, dev }, 'likely'),
          sentence: `${placeText(stage)} sends the reply to ${to} by ${dev} to ${nextHop}, which is no host of this inventory; the request came by ${placeText(came.router)} (${came.via}), and no route leads back that way.`,
          proof: [`ip route get ${to} in ${placeText(stage)}: by ${dev}${nextHop === to ? '' : ` via ${nextHop}`}`],
          mend: mend(
            host,
            task('Send replies back by the router they came by', 'route', { dst: to, via: came.via }, netns),
          ),
        },
      ];
    }),
});
