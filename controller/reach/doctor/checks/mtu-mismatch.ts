import { mend, task } from '../../why/causes/cause.ts';
import type { Place } from '../../why/seen/evidence.ts';
import type { Link } from '../../why/seen/evidence-link.ts';
import { placeText } from '../../why/seen/facts.ts';
import { lowerOf } from '../../why/way/segment.ts';
import { defineCheck } from './check.ts';

const tunnels = new Set(['vxlan', 'geneve']);

interface Node {
  readonly place: Place;
  readonly link: Link;
}

export const check = defineCheck({
  name: 'mtu-mismatch',
  summary: 'Both ends of a veth pair or of a tunnel have different MTUs.',
  find: ({ places, ways }) => {
    const nodes = places.flatMap((place) => place.links.map((link): Node => ({ place, link })));
    const pairs = nodes.flatMap((one, index) => {
      if (one.link.kind === 'veth') {
        const peer = lowerOf(places, one.place, one.link);
        const at = nodes.findIndex(({ place, link }) => place === peer?.place && link === peer?.link);
        const other = nodes[at];
        return other === undefined || at < index ? [] : [[one, other] as const];
      }
      if (!tunnels.has(one.link.kind)) return [];
      return nodes.slice(index + 1).flatMap((other) => {
        const hears = ways.segments.hear(portOf(one), portOf(other));
        return other.link.kind === one.link.kind && other.link.id === one.link.id && hears
          ? [[one, other] as const]
          : [];
      });
    });
    return pairs.flatMap(([one, other]) => {
      if (one.link.mtu === other.link.mtu) return [];
      const [large, small] = one.link.mtu > other.link.mtu ? [one, other] : [other, one];
      const { host, netns } = large.place;
      const text = ({ place, link }: Node) => `${link.name} of ${placeText(place)} has MTU ${link.mtu}`;
      return [
        {
          ...{ host, netns, device: large.link.name },
          sentence: `${text(large)}, its other end ${text(small)}.`,
          breaks: `Packets of more than ${small.link.mtu} bytes get lost between them without a word: small pings work, transfers hang.`,
          mend: mend(
            host,
            task(
              `Give ${large.link.name} the MTU of its other end`,
              'link',
              { name: large.link.name, mtu: small.link.mtu },
              netns,
            ),
          ),
        },
      ];
    });
  },
});

function portOf({ place, link }: Node) {
  return { host: place.host, netns: place.netns, dev: link.name };
}
