import { covers, linkOf, placeOf, placeText } from '../facts.ts';
import { defineCause } from './cause.ts';

/** ENETUNREACH: no rule led to a route. */
const refused = 'Network is unreachable';

export const cause = defineCause({
  name: 'no-route',
  summary: 'A namespace on the way has no route to the other end, or to the sender for the reply.',
  general: true,
  find: (evidence) =>
    evidence.stages.flatMap((stage, index) => {
      if (stage.lookup.refusal !== refused) return [];
      const { host, netns, direction, to, iif } = stage;
      const place = placeOf(evidence, stage);
      const matching = place?.routes.filter((route) => route.table === 'main' && covers(route.dst, to)) ?? [];
      const down = matching.find((route) => linkOf(place, route.dev)?.up === false);
      if (down !== undefined) return [];
      const known = place !== undefined && matching.length === 0;
      const what = direction === 'reply' ? 'no route back to' : 'no route to';
      return [
        {
          stage: index,
          confidence: known && stage.seen ? ('certain' as const) : ('likely' as const),
          host,
          netns,
          device: iif,
          direction,
          sentence: `${placeText(stage)} has ${what} ${to}${direction === 'reply' ? ', so the reply cannot leave' : ''}.`,
          proof: [
            `ip route get ${to}${iif === undefined ? '' : ` from ${stage.from} iif ${iif}`} in ${placeText(stage)}: ${refused}`,
            ...(known ? ['no route of its table main leads there'] : []),
          ],
        },
      ];
    }),
});
