import type { Place } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { placeText } from '../seen/facts.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

function pvidOf({ vlans }: Link): number | undefined {
  return vlans?.find(({ pvid }) => pvid)?.id;
}

/** How many ports of the bridge take untagged frames into this VLAN. */
function shared(place: Place, master: string | undefined, vlan: number | undefined): number {
  return place.links.filter((link) => link.master === master && pvidOf(link) === vlan).length;
}

function setVlan(place: Place, link: Link, vlan: number) {
  const vlans = { yaml: `[{id: ${vlan}, pvid: true, untagged: true}]` };
  return mend(
    place.host,
    task(`Take ${link.name} into VLAN ${vlan}`, 'bridge_port', { name: link.name, vlans }, place.netns),
  );
}

export const cause = defineCause({
  name: 'native-vlan',
  summary: 'Untagged frames get into another VLAN at one port (PVID) than at the other, or into none.',
  find: (evidence) => [
    ...findObstacles(evidence, 'no-pvid', ({ place, link }, lost) => ({
      sentence: `${link.name} of ${placeText(place)}, a port of ${link.master}, takes no untagged frames, for it has no PVID: ${frameText(lost)} is lost there.`,
      setting: `bridge vlan show dev ${link.name} in ${placeText(place)}: no PVID`,
    })),
    ...findObstacles(evidence, 'vlan', ({ place, link, vlan, from }, lost) => {
      const own = pvidOf(link);
      if (from === undefined || own === undefined) return undefined;
      const [here, there] = [shared(place, from.master, vlan), shared(place, from.master, own)];
      const odd = here === there ? undefined : here < there ? from : link;
      return {
        sentence: `Untagged frames get into VLAN ${vlan} at ${from.name} of ${placeText(place)}, and into VLAN ${own} at ${link.name}: ${frameText(lost)} is lost between them.`,
        of: [
          { place, link: from },
          { place, link },
        ],
        setting: `bridge vlan show in ${placeText(place)}: ${from.name} PVID ${vlan}, ${link.name} PVID ${own}`,
        ...(odd === undefined ? {} : { mend: setVlan(place, odd, odd === from ? own : vlan) }),
      };
    }),
  ],
});
