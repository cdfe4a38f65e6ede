import { placeText } from '../seen/facts.ts';
import { defineCause } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

export const cause = defineCause({
  name: 'tunnel-kind',
  summary: 'The two ends of a tunnel are of different kinds, as gre and gretap.',
  find: (evidence) =>
    findObstacles(evidence, 'tunnel', ({ place, link, mismatch, mate }, lost) =>
      mismatch.what !== 'kind'
        ? undefined
        : {
            sentence: `The two ends of the tunnel are of different kinds: ${link.name} of ${placeText(place)} is ${link.kind}, ${mate.link.name} of ${placeText(mate.place)} is ${mate.link.kind}, and ${frameText(lost)} is lost between them.`,
            of: [{ place, link }, mate],
            setting: `ip -d link show in ${placeText(place)} and ${placeText(mate.place)}: ${link.kind} and ${mate.link.kind}`,
          },
    ),
});
