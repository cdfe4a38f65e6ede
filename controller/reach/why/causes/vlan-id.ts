import { placeText } from '../seen/facts.ts';
import { defineCause } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

const tagText = (tag: number) => (tag === 0 ? 'untagged' : `with tag ${tag}`);

export const cause = defineCause({
  name: 'vlan-id',
  summary: 'Frames come with another VLAN tag than the device takes, or with one where it takes none.',
  find: (evidence) =>
    findObstacles(evidence, 'tag', ({ place, link, tag }, lost) => {
      const takes = link.kind === 'vlan' ? `those of VLAN ${link.id} only` : 'none with a tag';
      return {
        sentence: `${link.name} of ${placeText(place)} takes ${takes}, but frames from ${lost.from.link.name} of ${placeText(lost.from.place)} come to it ${tagText(tag)}: ${frameText(lost)} is lost there.`,
        of: [lost.from, lost.to],
        setting: `ip -d link show ${link.name} in ${placeText(place)}: ${link.kind === 'vlan' ? `vlan id ${link.id}` : 'no VLAN'}`,
      };
    }),
});
