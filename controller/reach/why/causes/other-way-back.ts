import type { Evidence } from '../evidence.ts';
import { departures, placeOf, placeText, sameNetwork } from '../facts.ts';
import { isInSight } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** The address of the router that the request came by, as the other end sees it. */
function cameBy(evidence: Evidence, dev: string) {
  const end = evidence.stages.findLastIndex(({ direction }) => direction === 'request');
  const router = evidence.stages[end - 1];
  const place = placeOf(evidence, evidence.stages[end] ?? { host: '', netns: '' });
  const own = place?.addresses.filter((held) => held.dev === dev) ?? [];
  if (router?.iif === undefined) return undefined;
  const near = placeOf(evidence, router)?.addresses.find(
    (held) =>
      held.dev === router.lookup.dev && own.some((mine) => sameNetwork(mine.address, held.address, mine.prefix)),
  );
  return near === undefined ? undefined : { router, address: near.address };
}

export const cause = defineCause({
  name: 'other-way-back',
  summary: 'The reply goes to a router that nobody knows, and not back to the one that the request came by.',
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const { host, netns, direction, to } = stage;
      if (direction !== 'reply' || stage.iif !== undefined || isInSight(evidence, { ...stage, dev }, nextHop))
        return [];
      const came = cameBy(evidence, dev);
      if (came === undefined) return [];
      return [
        {
          stage: index,
          confidence: 'likely',
          host,
          netns,
          device: dev,
          direction,
          sentence: `${placeText(stage)} sends the reply to ${to} by ${dev} to ${nextHop}, which is no host of this inventory; the request came by ${placeText(came.router)} (${came.address}), and no route leads back that way.`,
          proof: [`ip route get ${to} in ${placeText(stage)}: by ${dev}${nextHop === to ? '' : ` via ${nextHop}`}`],
          mend: mend(
            host,
            task('Send replies back by the router they came by', 'route', { dst: to, via: came.address }, netns),
          ),
        },
      ];
    }),
});
