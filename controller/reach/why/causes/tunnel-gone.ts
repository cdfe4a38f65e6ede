import { departures, placeText } from '../seen/facts.ts';
import { missingEnds } from '../way/missing-end.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

export const cause = defineCause({
  name: 'tunnel-gone',
  summary: 'A tunnel sends to a host that has no other end of it.',
  find: (evidence) =>
    departures(evidence).flatMap((departure) =>
      missingEnds(evidence, departure).map(({ from, address, at }): Finding => {
        const device = from.link.name;
        return {
          ...foundAt({ ...departure, place: from.place, dev: device }, 'likely'),
          sentence: `${device} of ${placeText(from.place)}, by which the ${departure.stage.direction} to ${departure.stage.to} leaves, sends to ${address} of ${placeText(at)}, and no ${from.link.kind} device that orch looked at takes it there.`,
          proof: [
            from.link.tunnel?.remote === address
              ? `ip -d link show ${device} in ${placeText(from.place)}: remote ${address}`
              : `bridge fdb show dev ${device} in ${placeText(from.place)}: dst ${address}`,
          ],
        };
      }),
    ),
});
