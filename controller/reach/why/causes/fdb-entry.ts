import { placeText } from '../seen/facts.ts';
import { quoted } from '../seen/flow.ts';
import { nodesOf } from '../seen/node.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

export const cause = defineCause({
  name: 'fdb-entry',
  summary: 'A bridge has the MAC of the next hop at another port than the one that leads there.',
  find: (evidence) =>
    findObstacles(evidence, 'fdb', ({ place, link, entry }, lost) => {
      const { mac, dev, state, vlan, master } = entry;
      // Two devices with the same MAC: duplicate-mac.
      const owners = nodesOf(evidence.places).filter((other) => other.link.kind === 'veth' && other.link.mac === mac);
      if (owners.length > 1) return undefined;
      const at = `${mac} (${lost.to.link.name} of ${placeText(lost.to.place)})`;
      const fixed = state !== '';
      return {
        sentence: `Bridge ${master} of ${placeText(place)} sends frames for ${at} to ${dev}, but ${link.name} leads there: ${frameText(lost)} goes astray.`,
        setting: `bridge fdb show br ${master} in ${placeText(place)}: ${mac} dev ${dev}${vlan === undefined ? '' : ` vlan ${vlan}`}${fixed ? ` ${state}` : ''}`,
        ...(fixed
          ? {
              mend: mend(
                place.host,
                task(
                  'Take the entry away',
                  'fdb',
                  { lladdr: quoted(mac), dev, ...(vlan === undefined ? {} : { vlan }), state: 'absent' },
                  place.netns,
                ),
              ),
            }
          : {
              beware: `The bridge has learned it: a frame from ${mac} came in by ${dev}, or it was there before and has not been heard since.`,
            }),
      };
    }),
});
