import type { Link } from '../seen/evidence-link.ts';
import { placeText } from '../seen/facts.ts';
import type { Flow } from '../seen/flow.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

/** All VLANs of a port and one more, as the task wants them. */
function withVlan({ vlans = [] }: Link, vlan: number): Flow {
  const words = [...vlans, { id: vlan, pvid: false, untagged: false }].map(
    ({ id, pvid, untagged }) => `{id: ${id}${pvid ? ', pvid: true' : ''}${untagged ? ', untagged: true' : ''}}`,
  );
  return { yaml: `[${words.join(', ')}]` };
}

export const cause = defineCause({
  name: 'vlan-not-allowed',
  summary: 'A port of a bridge that filters VLANs is no member of the VLAN that the packet is in.',
  find: (evidence) =>
    findObstacles(evidence, 'vlan', ({ place, link, vlan, from }, lost) => {
      // Both take untagged frames, into different VLANs: native-vlan.
      if (from !== undefined && link.vlans?.some(({ pvid }) => pvid) === true) return undefined;
      const kind = link.bridgePort === undefined ? 'the bridge itself' : `a port of ${link.master}`;
      const has = link.vlans?.map(({ id }) => id).join(', ');
      return {
        sentence: `${link.name} of ${placeText(place)}, ${kind}, is no member of VLAN ${vlan} (it has ${has || 'none'}): ${frameText(lost)} is lost there.`,
        setting: `bridge vlan show dev ${link.name} in ${placeText(place)}: ${has || 'none'}`,
        ...(link.bridgePort === undefined
          ? {}
          : {
              mend: mend(
                place.host,
                task(
                  `Take ${link.name} into VLAN ${vlan}`,
                  'bridge_port',
                  { name: link.name, vlans: withVlan(link, vlan) },
                  place.netns,
                ),
              ),
            }),
      };
    }),
});
