import { placeText } from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { defineCause, mend, task } from './cause.ts';
import { findObstacles, frameText } from './shared/obstacle-finding.ts';

/** ip shows keys as addresses: 0.0.0.42. */
function numberOf(key: string): string | number {
  if (key === '' || key === '0.0.0.0') return 'none';
  return key.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function keysText({ link: { name, tunnel }, place }: Node): string {
  const [inKey, outKey] = [numberOf(tunnel?.inKey ?? ''), numberOf(tunnel?.outKey ?? '')];
  return `${name} of ${placeText(place)} sends key ${outKey} and takes key ${inKey}`;
}

export const cause = defineCause({
  name: 'tunnel-key',
  summary: 'The two ends of a GRE tunnel have different keys.',
  find: (evidence) =>
    findObstacles(evidence, 'tunnel', ({ place, link, mismatch, mate }, lost) => {
      if (mismatch.what !== 'key') return undefined;
      const own = { place, link };
      const [ikey, okey] = [mate.link.tunnel?.outKey ?? '', mate.link.tunnel?.inKey ?? ''].map(numberOf);
      return {
        sentence: `The keys of the two ends do not fit: ${keysText(own)}, ${keysText(mate)}, and ${frameText(lost)} is lost between them.`,
        of: [{ place, link }, mate],
        setting: `ip -d link show ${link.name} in ${placeText(place)}: ikey ${numberOf(link.tunnel?.inKey ?? '')} okey ${numberOf(link.tunnel?.outKey ?? '')}`,
        mend: mend(
          place.host,
          task(
            `Give ${link.name} the keys of the other end`,
            link.kind,
            { name: link.name, ikey: ikey ?? 'none', okey: okey ?? 'none' },
            place.netns,
          ),
        ),
      };
    }),
});
