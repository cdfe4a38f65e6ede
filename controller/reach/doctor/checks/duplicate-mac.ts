import type { Place } from '../../why/seen/evidence.ts';
import type { Link } from '../../why/seen/evidence-link.ts';
import { linkOf, placeText } from '../../why/seen/facts.ts';
import { defineCheck } from './check.ts';

/** Kinds that have a MAC of their own on the wire; others share that of the device below, or of a port. */
const own = new Set(['', 'veth', 'macvlan', 'macvtap', 'tun', 'dummy']);

interface Port {
  readonly place: Place;
  readonly link: Link;
}

function hasOwn({ place, link }: Port): boolean {
  const isPort = linkOf(place, link.master)?.kind === 'bond' || linkOf(place, link.master)?.kind === 'team';
  return own.has(link.kind) && link.up && link.mac !== '' && link.mode !== 'passthru' && link.name !== 'lo' && !isPort;
}

export const check = defineCheck({
  name: 'duplicate-mac',
  summary: 'Two devices that hear each other have one and the same MAC.',
  find: ({ places, ways }) => {
    const ports = places.flatMap((place) => place.links.map((link) => ({ place, link }))).filter(hasOwn);
    return ports.flatMap((one, index) =>
      ports.slice(index + 1).flatMap((other) => {
        const dev = ({ place, link }: Port) => ({ host: place.host, netns: place.netns, dev: link.name });
        if (one.link.mac !== other.link.mac || !ways.segments.hear(dev(one), dev(other))) return [];
        const { host, netns } = other.place;
        return [
          {
            ...{ host, netns, device: other.link.name },
            sentence: `${one.link.name} of ${placeText(one.place)} and ${other.link.name} of ${placeText(other.place)} both have the MAC ${other.link.mac}, and are on one segment.`,
            breaks: 'Switches send to whichever was heard last: both lose packets by turns.',
            advice: `Give ${other.link.name} another MAC (module link, parameter address). Machines cloned from one image often have the same.`,
          },
        ];
      }),
    );
  },
});
