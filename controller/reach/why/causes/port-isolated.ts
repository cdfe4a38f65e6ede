import { placeText } from '../seen/facts.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

export const cause = defineCause({
  name: 'port-isolated',
  summary: 'Two ports of a bridge are isolated, and such ports do not reach each other.',
  find: (evidence) =>
    findObstacles(evidence, 'isolated', ({ place, link, from }, lost) => ({
      sentence: `${from.name} and ${link.name} of ${placeText(place)} are both isolated ports of ${link.master}, which do not reach each other: ${frameText(lost)} is lost between them.`,
      of: [
        { place, link: from },
        { place, link },
      ],
      setting: `bridge -d link show in ${placeText(place)}: isolated on for ${from.name} and ${link.name}`,
      mend: mend(
        place.host,
        task(`Let ${link.name} reach all ports`, 'bridge_port', { name: link.name, isolated: false }, place.netns),
      ),
    })),
});
