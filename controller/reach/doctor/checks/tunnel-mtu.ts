import { mend, task } from '../../why/causes/cause.ts';
import { placeText } from '../../why/seen/facts.ts';
import { lowerOf } from '../../why/way/segment.ts';
import { defineCheck } from './check.ts';

/**
 * Bytes that a packet grows by in the tunnel over IPv4: outer IP 20, UDP 8 and VXLAN 8 (RFC 7348) or Geneve 8 (RFC 8926), GRE 4
 * (RFC 2784), and the inner Ethernet header 14 where the tunnel carries frames.
 */
const overhead: Readonly<Record<string, number>> = { vxlan: 50, geneve: 50, gretap: 38, gre: 24, ipip: 20, sit: 20 };

export const check = defineCheck({
  name: 'tunnel-mtu',
  summary: 'A tunnel whose MTU leaves no room for its own headers in the device below.',
  find: ({ places }) =>
    places.flatMap((place) =>
      place.links.flatMap((link) => {
        const below = lowerOf(places, place, link)?.link;
        const room = below && overhead[link.kind] !== undefined ? below.mtu - (overhead[link.kind] ?? 0) : undefined;
        if (below === undefined || room === undefined || link.mtu <= room) return [];
        const { host, netns } = place;
        return [
          {
            ...{ host, netns, device: link.name },
            sentence: `${link.name} of ${placeText(place)} (${link.kind}) has MTU ${link.mtu}, and ${below.name} below it ${below.mtu}: with the tunnel's ${overhead[link.kind]} bytes only ${room} fit.`,
            breaks: `Packets of more than ${room} bytes are fragmented or lost: small pings work, transfers crawl or hang.`,
            mend: mend(
              host,
              task(`Leave room for the headers of ${link.name}`, 'link', { name: link.name, mtu: room }, netns),
            ),
          },
        ];
      }),
    ),
});
