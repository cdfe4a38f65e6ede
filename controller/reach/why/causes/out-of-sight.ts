import { departures, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import { isInSight } from '../way/segment.ts';
import { missedRouter } from '../way/way-on.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

export const cause = defineCause({
  name: 'out-of-sight',
  summary: 'The packet was handed to a host that orch does not manage.',
  general: true,
  find: (evidence) =>
    departures(evidence).flatMap((departure): readonly Finding[] => {
      const { index, stage, dev, nextHop } = departure;
      const { host, netns, direction } = stage;
      if (isInSight(evidence, { ...stage, dev }, nextHop, stage.to)) return [];
      const place = placeOf(evidence, stage);
      if (neighbourState(place, dev, nextHop) === 'silent') return [];
      // route-missing says more.
      if (missedRouter(evidence, departure) !== undefined) return [];
      const mac = place?.neighbours.find((entry) => entry.dev === dev && entry.address === nextHop)?.mac;
      const sent = evidence.events.some(
        (event) =>
          event.kind === 'transmit' && !event.asks && event.host === host && event.netns === netns && event.dev === dev,
      );
      return [
        {
          ...foundAt({ index, stage, dev }, 'unknown'),
          sentence: `The ${direction} to ${stage.to} leaves ${placeText(stage)} by ${dev} for ${nextHop}${mac ? ` (${mac})` : ''}, which is no host of this inventory: what becomes of it there cannot be seen.`,
          proof: [
            `ip route get ${stage.to} in ${placeText(stage)}: by ${dev}${nextHop === stage.to ? '' : ` via ${nextHop}`}`,
            ...(sent ? [`${dev} of ${placeText(stage)} sent it`] : []),
          ],
        },
      ];
    }),
});
