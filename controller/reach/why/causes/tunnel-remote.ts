import { placeText } from '../seen/facts.ts';
import { outerAddress } from '../way/outer.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

export const cause = defineCause({
  name: 'tunnel-remote',
  summary: 'A tunnel sends to an address that is not the other end, or takes packets of another one only.',
  find: (evidence) =>
    findObstacles(evidence, 'tunnel', ({ place, link, mismatch, mate }, lost) => {
      if (mismatch.what !== 'remote') return undefined;
      const other = mate.link === link && mate.place === place ? lost.from : mate;
      const remote = link.tunnel?.remote ?? '';
      const address = outerAddress(evidence, other, { place, link });
      return {
        sentence: `${link.name} of ${placeText(place)} has remote ${remote}, but the other end, ${other.link.name} of ${placeText(other.place)}, is at ${address ?? 'another address'}: ${frameText(lost)} is lost between them.`,
        setting: `ip -d link show ${link.name} in ${placeText(place)}: ${link.kind} remote ${remote}`,
        ...(address === undefined
          ? {}
          : {
              mend: mend(
                place.host,
                task(
                  `Lead ${link.name} to the other end`,
                  link.kind,
                  { name: link.name, ...(link.id === undefined ? {} : { id: link.id }), remote: address },
                  place.netns,
                ),
              ),
            }),
      };
    }),
});
