import { placeText } from '../seen/facts.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

export const cause = defineCause({
  name: 'port-not-forwarding',
  summary: 'A bridge port on the way is not forwarding: blocking, disabled, listening or learning.',
  find: (evidence) =>
    findObstacles(evidence, 'port-state', ({ place, link }, lost) => {
      const { host, netns } = place;
      const state = link.bridgePort?.state ?? '';
      const bridge = place.links.find(({ name }) => name === link.master);
      // A bridge that is down has disabled its ports (br_stp_disable_bridge): link-down.
      if (bridge?.up === false) return undefined;
      const stp = bridge?.bridge?.stp === true;
      return {
        sentence: `${link.name} of ${placeText(place)}, a port of ${link.master}, is ${state} and passes no frames: ${frameText(lost)} is lost there.`,
        setting: `bridge link show dev ${link.name} in ${placeText(place)}: state ${state}`,
        ...(stp
          ? {
              beware: `${link.master} speaks the spanning tree protocol, which sets this state: it blocks a port of a loop, and lets a new one through after twice the forward delay.`,
            }
          : {
              mend: mend(
                host,
                task(`Let ${link.name} forward`, 'bridge_port', { name: link.name, state: 'forwarding' }, netns),
              ),
            }),
      };
    }),
});
