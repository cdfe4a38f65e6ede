import { covers, placeOf, placeText } from '../seen/facts.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'route-source',
  summary: 'A route makes its packets leave from an address that nothing leads back to.',
  find: (evidence) => {
    const [first] = evidence.stages;
    const place = placeOf(evidence, evidence.question);
    if (first === undefined || place === undefined) return [];
    const { from, to, lookup } = first;
    const route = place.routes.find(
      ({ dst, dev, source }) => source === from && dev === lookup.dev && dev !== undefined && covers(dst, to),
    );
    const near = place.addresses.find(({ dev }) => dev === lookup.dev);
    if (route === undefined || near === undefined || near.address === from) return [];
    if (place.addresses.some(({ address, dev }) => address === from && dev === lookup.dev)) return [];
    return evidence.stages.flatMap((stage, index): readonly Finding[] => {
      if (stage.direction !== 'reply' || stage.lookup.refusal === undefined) return [];
      const { host, netns } = evidence.question;
      const by = route.gateway === undefined ? { dev: route.dev ?? near.dev } : { via: route.gateway };
      return [
        {
          stage: index,
          confidence: 'likely',
          host,
          netns,
          device: route.dev,
          direction: 'request',
          sentence: `${placeText(first)} sends the request from ${from}, for its route to ${route.dst} says src ${from}; ${placeText(stage)} knows no way back there.`,
          proof: [
            `ip route in ${placeText(first)}: ${route.dst}${route.gateway === undefined ? '' : ` via ${route.gateway}`} dev ${route.dev} src ${from}`,
            `ip route get ${from} in ${placeText(stage)}: ${stage.lookup.refusal}`,
          ],
          beware: `${near.address}, on ${near.dev}, is an address that the next hop knows.`,
          mend: mend(
            host,
            task('Send from an address of the link', 'route', { dst: route.dst, ...by, src: near.address }, netns),
          ),
        },
      ];
    });
  },
});
