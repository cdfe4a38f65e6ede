import { count } from '../../../report/format.ts';
import type { Place } from '../seen/evidence.ts';
import { isAt, placeOf, placeText } from '../seen/facts.ts';
import { type Duplicate, duplicates } from '../way/duplicates.ts';
import { untracking } from '../way/rewritten.ts';
import { takenAt } from '../way/taken.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

type Socket = NonNullable<Place['sockets']>[number];

const any = new Set(['0.0.0.0', '::', '*']);

export const cause = defineCause({
  name: 'not-listening',
  summary: 'Nothing listens on the port at the other end, or only on another address.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { question, probe } = evidence;
      const goal = stage.port ?? question.port;
      const isAsked = ({ protocol, port }: Socket) => protocol === question.protocol && port === goal;
      const { host, netns, direction, lookup, to } = stage;
      if (question.protocol === 'icmp' || direction !== 'request' || lookup.type !== 'local') return [];
      // Who takes what is another's need not listen; but who was seen to refuse it may be meant to take it (AnyIP).
      const isAnswer = stage.seen && probe.outcome === 'refused';
      if (!isAnswer && takenAt(evidence, stage) !== undefined) return [];
      const sockets = placeOf(evidence, stage)?.sockets;
      if (sockets === undefined) return [];
      const onPort = sockets.filter(isAsked);
      if (onPort.some(({ address }) => any.has(address) || address === to)) return [];
      const port = `${question.protocol} port ${goal}`;
      const others = onPort.map(({ address }) => address).join(', ');
      const elsewhere = evidence.places.filter(
        (place) => place.host === host && place.netns !== netns && place.sockets?.some(isAsked),
      );
      // It went to the wrong one of two that have the address.
      const isTwin = ({ holders }: Duplicate) => holders.some(({ place }) => place.sockets?.some(isAsked));
      if (duplicates(evidence).some((twins) => twins.nextHop === to && isTwin(twins))) return [];
      const untracked = untracking(evidence).find((rule) => isAt(rule, stage));
      const besides = elsewhere.length === 0 ? '' : `; a program in ${elsewhere.map(placeText).join(' and ')} does`;
      return [
        {
          ...foundAt({ index, stage, dev: stage.iif }, probe.outcome === 'refused' ? 'certain' : 'likely'),
          sentence:
            onPort.length === 0
              ? `Nothing listens on ${port} in ${placeText(stage)}${besides}.`
              : `In ${placeText(stage)}, ${port} is open on ${others} only, not on ${to}.`,
          proof: [
            ...(probe.outcome === 'refused' ? ['the other end refused it'] : []),
            `ss -l in ${placeText(stage)}: ${count(sockets.length, 'socket')}, ${onPort.length === 0 ? 'none' : `only ${others}`} on this port`,
          ],
          ...(untracked === undefined
            ? {}
            : { beware: `No rule of NAT is asked in ${placeText(stage)}: ${untracked.text} comes before.` }),
        },
      ];
    }),
});
