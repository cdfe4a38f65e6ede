import type { Verdict } from '../../report/why/why-types.ts';
import type { Evidence } from './evidence.ts';
import { dropsOf, placeText } from './facts.ts';

/** What is said when no cause fits: what was seen, and what it is not. */
export function unexplained(evidence: Evidence): Verdict {
  const { question, stages, events, probe, observed } = evidence;
  const last = events.filter(({ kind, asks }) => kind !== 'drop' && !asks).at(-1);
  const drops = dropsOf(evidence).map(
    ({ host, netns, dev, reason, location }) =>
      `${host}${netns ? `/${netns}` : ''} dropped a packet of it${dev && ` on ${dev}`}: ${reason}${location && ` in ${location}`}`,
  );
  const stage = stages.at(-1);
  const end = stage ?? { ...question, direction: 'request' as const };
  const arrived = stage !== undefined && stage.direction === 'reply' && stage.lookup.type === 'local';
  const seen =
    last === undefined
      ? []
      : [
          `last seen: ${last.kind}${last.dev && ` on ${last.dev}`} of ${placeText({ host: last.host, netns: last.netns ?? '' })} (${last.direction})`,
        ];
  const without = observed.filter(({ level }) => level === 'none').map(({ host }) => host);
  return {
    cause: 'unknown',
    confidence: 'unknown',
    host: end.host,
    netns: end.netns,
    direction: end.direction,
    sentence: `No cause was found${arrived ? ': by routes, filters of the way back, neighbours and links, both request and reply should arrive' : ''}.`,
    proof: [
      ...(probe.text === '' ? [] : [`the probe: ${probe.text}`]),
      ...drops,
      ...seen,
      ...stages.map(
        (at) =>
          `${at.direction} in ${placeText(at)}${at.iif === undefined ? '' : ` from ${at.iif}`}: ${at.lookup.refusal ?? (at.lookup.type === 'local' ? 'delivered' : `by ${at.lookup.dev}${at.lookup.gateway ? ` via ${at.lookup.gateway}` : ''}`)}`,
      ),
      ...(without.length > 0 ? [`packets could not be watched on ${without.join(', ')}`] : []),
    ],
  };
}
