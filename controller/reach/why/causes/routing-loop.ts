import { arrives, placeOf, placeText } from '../facts.ts';
import { defineCause, type Finding } from './cause.ts';

/** ICMP type 11 of RFC 792, type 3 of RFC 4443. */
const exceeded = /time to live exceeded|time exceeded|hop limit/i;

export const cause = defineCause({
  name: 'routing-loop',
  summary: 'Routers send the packet round until its TTL is used up.',
  find: (evidence) => {
    const seen = new Map<string, number>();
    for (const [index, stage] of evidence.stages.entries()) {
      // A router may see a packet twice: it hands it to a firewall beside it, and takes it back.
      if (arrives(evidence, stage.direction)) continue;
      const key = `${stage.direction} ${placeText(stage)}`;
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, index);
        continue;
      }
      // It came back, and goes no further; unless to its sender, which may take no packet from itself.
      const held = placeOf(evidence, stage)?.addresses.some(({ address }) => address === stage.to);
      const home = evidence.stages[first]?.iif === undefined && !held;
      const { refusal, type } = stage.lookup;
      if (refusal === undefined ? type !== 'unicast' : !home) continue;
      const round = evidence.stages.slice(first, index);
      const told =
        exceeded.test(evidence.probe.text) ||
        evidence.events.some(({ about, type }) => about && (type === 11 || type === 3));
      const finding: Finding = {
        stage: first,
        confidence: told ? 'certain' : 'likely',
        host: stage.host,
        netns: stage.netns,
        device: stage.iif,
        direction: stage.direction,
        sentence: `The ${stage.direction} to ${stage.to} goes in a circle: ${[...round, stage].map(placeText).join(' -> ')}.`,
        proof: [
          ...round.map(
            (at) =>
              `ip route get ${at.to} in ${placeText(at)}: by ${at.lookup.dev}${at.lookup.gateway ? ` via ${at.lookup.gateway}` : ''}`,
          ),
          ...(evidence.probe.text === '' ? [] : [`the probe: ${evidence.probe.text}`]),
        ],
      };
      return [finding];
    }
    return [];
  },
});
