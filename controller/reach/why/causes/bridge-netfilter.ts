import { placeText } from '../seen/facts.ts';
import { filteringBridge } from '../way/bridged.ts';
import { nftDrops } from '../way/nft-drops.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'bridge-netfilter',
  summary: 'br_netfilter gives what a bridge passes on to the rules of IP, and one of them drops it.',
  find: (evidence) =>
    nftDrops(evidence).flatMap(({ line, direction, what, proof }): readonly Finding[] => {
      const at = filteringBridge(evidence, line, direction);
      if (at === undefined) return [];
      const { host, netns } = line;
      const { bridge, stage, setting, isOwn } = at;
      return [
        {
          stage,
          confidence: 'certain',
          host,
          netns,
          device: bridge.name,
          direction,
          sentence: `${bridge.name} of ${placeText(line)} only bridges the ${direction}, but ${setting} is 1, so the rules of IP see it too, and it is dropped: ${what}.`,
          proof: [proof, `${isOwn ? `ip -d link show ${bridge.name}` : 'sysctl'} in ${placeText(line)}: ${setting} 1`],
          mend: mend(
            host,
            isOwn
              ? task(
                  'Keep bridged packets from the rules of IP',
                  'bridge',
                  { name: bridge.name, [setting]: false },
                  netns,
                )
              : task('Keep bridged packets from the rules of IP', 'sysctl', { name: setting, value: 0 }, netns),
          ),
        },
      ];
    }),
});
