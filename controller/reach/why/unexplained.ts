import type { Verdict } from '../../report/why/why-types.ts';
import type { Evidence } from './seen/evidence.ts';
import { departures, dropsOf, isAt, placeOf, placeText, wasTraced } from './seen/facts.ts';
import { crossings } from './way/crossings.ts';
import { Frames } from './way/frame.ts';
import { dropping, ruleText } from './way/nft-drops.ts';
import { type Rewriting, rewritings, untracking } from './way/rewritten.ts';
import { askBeneath, tunnelsOf } from './way/tunnelled.ts';

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
  const late = lateness(evidence);
  const changed = rewritings(evidence);
  const isFollowed = ({ destination, ofSource }: Rewriting) =>
    stages.some((at) => (ofSource ? at.direction === 'reply' : at.to === destination));
  const lost = changed.filter((rule) => !isFollowed(rule));
  const goal = lost.find(({ destination }) => destination !== undefined);
  const without = observed.filter(({ level }) => level === 'none').map(({ host }) => host);
  const beware =
    goal === undefined ? beneath(evidence) : `Ask on from there: orch why ${placeText(goal)} ${goal.destination}`;
  return {
    cause: 'unknown',
    confidence: 'unknown',
    host: end.host,
    netns: end.netns,
    direction: end.direction,
    sentence: late
      ? `The reply came ${Math.round(late)} ms after the request was sent, and was waited for no longer than ${question.timeoutMs} ms.`
      : `No cause was found${lost.length > 0 ? ': packets were given another address, and where they went from there was not followed' : arrived ? ': by routes, filters of the way back, neighbours and links, both request and reply should arrive' : ''}.`,
    proof: [
      ...(probe.text === '' ? [] : [`the probe: ${probe.text}`]),
      ...drops,
      ...[...changed, ...untracking(evidence)].map((rule) => `nft monitor trace in ${placeText(rule)}: ${rule.text}`),
      ...seen,
      ...stages.map(
        (at) =>
          `${at.direction} in ${placeText(at)}${at.iif === undefined ? '' : ` from ${at.iif}`}: ${at.lookup.refusal ?? (at.lookup.type === 'local' ? 'delivered' : `by ${at.lookup.dev}${at.lookup.gateway ? ` via ${at.lookup.gateway}` : ''}`)}`,
      ),
      ...unfollowed(evidence),
      ...(without.length > 0 ? [`packets could not be watched on ${without.join(', ')}`] : []),
    ],
    ...(beware === undefined ? {} : { beware }),
  };
}

/** Milliseconds that the reply took, where it was given up before: what lies between may have had to find its way at first. */
function lateness({ events, question, probe }: Evidence): number | undefined {
  const own = events.filter(({ host, netns = '', asks, about }) => !asks && !about && isAt({ host, netns }, question));
  const sent = own.find(({ direction }) => direction === 'request');
  const came = own.find(({ kind, direction }) => kind === 'deliver' && direction === 'reply');
  const ms = came && sent && (came.us - sent.us) / 1000;
  return probe.outcome === 'silent' && ms !== undefined && ms > question.timeoutMs ? ms : undefined;
}

/** The way beneath the first tunnel, where nobody watched its packets come in. */
function beneath(evidence: Evidence): string | undefined {
  const frames = new Frames(evidence.places);
  const tunnels = departures(evidence).flatMap((departure) => tunnelsOf(evidence, frames, departure));
  const unwatched = tunnels.find(({ to }) => !wasTraced(evidence, to.place.host));
  return unwatched && askBeneath(evidence, unwatched);
}

/** Rules and programs that come before what can be followed, where nothing else tells of drops. */
function unfollowed(evidence: Evidence): readonly string[] {
  const programs = crossings(evidence)
    .filter(({ goes, link, place }) => goes === 'in' && link.xdp && !wasTraced(evidence, place.host))
    .map(({ place, link }) => `not followed in ${placeText(place)}: an XDP program of ${link.name}`);
  const places = new Set(evidence.stages.map((stage) => placeOf(evidence, stage)));
  const rules = [...places].flatMap((place) => {
    if (place === undefined || wasTraced(evidence, place.host)) return [];
    return dropping(place)
      .filter(({ family }) => family === 'netdev')
      .map((rule) => `not followed in ${placeText(place)}: ${ruleText(rule)}`);
  });
  return [...new Set([...rules, ...programs])];
}
