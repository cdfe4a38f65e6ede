import { placeText } from '../seen/facts.ts';
import { filterText } from '../way/outer-filters.ts';
import { peerFilters, wireguardHops } from '../way/wireguard.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

export const cause = defineCause({
  name: 'wireguard-handshake',
  summary: 'Two WireGuard devices whose settings fit have never agreed on a session.',
  general: true,
  // Either end lacks the handshake where one does: that is one fault.
  find: (evidence) =>
    wireguardHops(evidence)
      .flatMap((hop): readonly Finding[] => {
        const { departure, own, peer } = hop;
        const { index, stage } = departure;
        if (peer === undefined || peer.handshake !== 0) return [];
        const filters = peerFilters(evidence, hop);
        const told = filters.map(filterText).join('; ');
        // Nobody knows of others whether they drop its packets.
        const isTheirs = filters.some(({ names, sure }) => names || sure);
        const why = isTheirs
          ? ` (${told})`
          : `${told && ` (what may drop them: ${told})`}, or the preshared keys differ`;
        return [
          {
            ...foundAt({ index, stage, place: own.place, dev: own.link.name }, 'likely'),
            sentence: `${own.link.name} of ${placeText(own.place)} has never had a handshake with its peer at ${peer.endpoint || 'no endpoint'}: its UDP packets do not get there or back${why}.`,
            proof: [`wg show ${own.link.name} latest-handshakes in ${placeText(own.place)}: 0`],
          },
        ];
      })
      .slice(0, 1),
});
