import { placeText } from '../seen/facts.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

const kept = {
  bcast_flood: 'frames to all',
  mcast_flood: 'frames to groups that nobody joined',
  flood: 'frames to MACs that the bridge has not learned',
} as const;

export const cause = defineCause({
  name: 'port-flood',
  summary: 'A bridge port does not get frames to all, to groups, or to unknown MACs, because flooding is off.',
  find: (evidence) =>
    findObstacles(evidence, 'flood', ({ place, link, flag }, lost) => {
      const deaf = flag === 'flood' && link.bridgePort?.learning === false;
      return {
        sentence: `${link.name} of ${placeText(place)}, a port of ${link.master}, gets no ${kept[flag]} (${flag} off${deaf ? ', and learning off' : ''}): ${frameText(lost)} is lost there.`,
        setting: `bridge -d link show dev ${link.name} in ${placeText(place)}: ${flag} off${deaf ? ', learning off' : ''}`,
        mend: mend(
          place.host,
          task(`Flood to ${link.name}`, 'bridge_port', { name: link.name, [flag]: true }, place.netns),
        ),
      };
    }),
});
