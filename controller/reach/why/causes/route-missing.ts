import { departures, placeText, wasTraced } from '../seen/facts.ts';
import { missedRouter, routeOn } from '../way/way-on.ts';
import { defineCause, type Finding, foundAt, mend } from './cause.ts';

export const cause = defineCause({
  name: 'route-missing',
  summary: 'A packet goes to a router that nobody knows, while a host next door leads to where it is for.',
  general: true,
  find: (evidence) =>
    departures(evidence).flatMap((departure): readonly Finding[] => {
      const way = missedRouter(evidence, departure);
      if (way === undefined) return [];
      const { index, stage, dev, nextHop } = departure;
      const { host, netns, direction, to, iif } = stage;
      const router = placeText(way.router);
      return [
        {
          // The router that nobody knows may have sent it there all the same.
          ...foundAt({ index, stage, dev }, wasTraced(evidence, way.router.host) ? 'likely' : 'unknown'),
          sentence: `${placeText(stage)} sends the ${direction} to ${to} by ${dev} to ${nextHop}, which is no host of this inventory; ${router} (${way.via}) leads to ${way.network}, and no route of ${placeText(stage)} goes by it.`,
          proof: [
            `ip route get ${to}${iif === undefined ? '' : ` from ${stage.from} iif ${iif}`} in ${placeText(stage)}: by ${dev} via ${nextHop}`,
          ],
          mend: mend(host, routeOn(way, netns)),
        },
      ];
    }),
});
