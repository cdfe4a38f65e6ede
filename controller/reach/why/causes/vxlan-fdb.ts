import { placeText } from '../seen/facts.ts';
import { quoted } from '../seen/flow.ts';
import { outerAddress } from '../way/outer.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

/** The entry for all that has none. */
const all = '00:00:00:00:00:00';

export const cause = defineCause({
  name: 'vxlan-fdb',
  summary: 'A VXLAN device has no entry in its fdb that leads to the other host, or a wrong one.',
  find: (evidence) =>
    findObstacles(evidence, 'tunnel', ({ place, link, mismatch, mate }, lost) => {
      if (mismatch.what !== 'fdb') return undefined;
      const { mac } = lost.to.link;
      const exact = place.fdb.find((entry) => entry.dev === link.name && entry.mac === mac && entry.dst !== undefined);
      const used = lost.frame === 'question' ? undefined : exact;
      const dsts = place.fdb.flatMap(({ dev, mac: key, dst }) =>
        dev === link.name && key === all && dst ? [dst] : [],
      );
      const address = outerAddress(evidence, mate, { place, link });
      const has =
        used === undefined
          ? dsts.length === 0
            ? 'has no entry that says where to send it'
            : `sends it to ${dsts.join(', ')} only`
          : `sends frames for ${mac} to ${used.dst}`;
      return {
        sentence: `${link.name} of ${placeText(place)} ${has}, but the other end, ${mate.link.name} of ${placeText(mate.place)}, is at ${address ?? 'another address'}: ${frameText(lost)} does not get there.`,
        setting: `bridge fdb show dev ${link.name} in ${placeText(place)}: ${used === undefined ? (dsts.length === 0 ? `no ${all}` : `${all} dst ${dsts.join(', ')}`) : `${mac} dst ${used.dst}`}`,
        ...(address === undefined
          ? {}
          : {
              mend: mend(
                place.host,
                used === undefined
                  ? task(
                      'Send frames to all there too',
                      'fdb',
                      { lladdr: quoted(all), dev: link.name, dst: address },
                      place.netns,
                    )
                  : task(
                      'Send its frames there',
                      'fdb',
                      { lladdr: quoted(mac), dev: link.name, dst: address },
                      place.netns,
                    ),
              ),
            }),
      };
    }),
});
