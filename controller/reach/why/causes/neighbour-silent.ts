import type { Evidence } from '../seen/evidence.ts';
import {
  departures,
  deviceKey,
  holdersOf,
  isV6,
  linkOf,
  neighbourState,
  placeOf,
  placeText,
  sysctlOf,
} from '../seen/facts.ts';
import { netemOf, tooMuch } from '../way/netem.ts';
import { type Port, Segments } from '../way/segment.ts';
import { routeOn, wayOn } from '../way/way-on.ts';
import { defineCause, foundAt, mend } from './cause.ts';

/** Devices that hear the question for an IPv6 address, and on which IPv6 is off. */
function withoutV6({ places }: Evidence, port: Port, nextHop: string): readonly string[] {
  if (!isV6(nextHop)) return [];
  const segments = new Segments(places);
  return places.flatMap((place) =>
    segments
      .heardIn(place, port)
      .map((name) => ({ name, key: deviceKey(name, 'disable_ipv6', 'ipv6') }))
      .filter(({ name, key }) => linkOf(place, name)?.kind !== 'bridge' && sysctlOf(place, key) === 1)
      .map(({ key }) => `${key} is 1 in ${placeText(place)}`),
  );
}

export const cause = defineCause({
  name: 'neighbour-silent',
  summary: 'Nobody answers for the MAC of the next hop.',
  general: true,
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const { host, netns } = stage;
      if (neighbourState(placeOf(evidence, stage), dev, nextHop) !== 'silent') return [];
      const holders = holdersOf(evidence, nextHop);
      // What answers late is another cause's to tell.
      if (holders.some((holder) => netemOf(holder).some((one) => tooMuch(one, evidence.question)))) return [];
      const where =
        holders.length === 0
          ? 'no host that orch looked at has that address'
          : `${holders.map((holder) => `${placeText(holder.place)} has it on ${holder.dev}`).join(', ')}`;
      const off = holders.length > 0 ? [] : withoutV6(evidence, { host, netns, dev }, nextHop);
      // A default route's next hop is meant to be there.
      const way = holders.length > 0 || nextHop === stage.to ? undefined : wayOn(evidence, stage, stage.to);
      const instead = way?.replaces === undefined ? undefined : way;
      return [
        {
          ...foundAt({ index, stage, dev }, 'likely'),
          sentence: `Nobody answers ${placeText(stage)} on ${dev} who has ${nextHop}${nextHop === stage.to ? '' : ', the next hop'}; ${where}${instead === undefined ? '' : `, and ${placeText(instead.router)} (${instead.via}) leads to ${instead.network}`}.`,
          proof: [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC (INCOMPLETE or FAILED)`],
          ...(off.length === 0
            ? {}
            : {
                beware: `IPv6 is off where it is asked for, and an address goes with it: ${off.slice(0, 3).join(', ')}.`,
              }),
          ...(instead === undefined ? {} : { mend: mend(host, routeOn(instead, netns)) }),
        },
      ];
    }),
});
