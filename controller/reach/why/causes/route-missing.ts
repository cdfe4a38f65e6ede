import { departures, neighbourState, placeOf, placeText, wasTraced } from '../facts.ts';
import { isInSight } from '../segment.ts';
import { routeOn, wayOn } from '../way-on.ts';
import { defineCause, type Finding, mend } from './cause.ts';

export const cause = defineCause({
  name: 'route-missing',
  summary: 'A packet goes to a router that nobody knows, while a host next door leads to where it is for.',
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const { host, netns, direction, to, iif, lookup } = stage;
      // At the end of the way the reply has the request's way to go back: other-way-back.
      if (nextHop === to || (direction === 'reply' && iif === undefined)) return [];
      if ((lookup.table ?? 'main') !== 'main') return [];
      if (evidence.stages[index + 1]?.direction === direction || isInSight(evidence, { ...stage, dev }, nextHop))
        return [];
      // Nobody has the next hop: neighbour-silent.
      if (neighbourState(placeOf(evidence, stage), dev, nextHop) === 'silent') return [];
      const way = wayOn(evidence, stage, to);
      if (way === undefined) return [];
      const router = placeText(way.router);
      return [
        {
          stage: index,
          // The router that nobody knows may have sent it there all the same.
          confidence: wasTraced(evidence, way.router.host) ? 'likely' : 'unknown',
          host,
          netns,
          device: dev,
          direction,
          sentence: `${placeText(stage)} sends the ${direction} to ${to} by ${dev} to ${nextHop}, which is no host of this inventory; ${router} (${way.via}) leads to ${way.network}, and no route of ${placeText(stage)} goes by it.`,
          proof: [
            `ip route get ${to}${iif === undefined ? '' : ` from ${stage.from} iif ${iif}`} in ${placeText(stage)}: by ${dev} via ${nextHop}`,
          ],
          mend: mend(host, routeOn(way, netns)),
        },
      ];
    }),
});
