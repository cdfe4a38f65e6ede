import { covers, departures, longestMatch, namedDestination, placeOf, placeText } from '../seen/facts.ts';
import { defineCause, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'route-to-lo',
  summary: "A route leads packets for another host to lo, where they end: somebody's, or that of an address on lo.",
  general: true,
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const place = placeOf(evidence, stage);
      if (place === undefined || dev !== 'lo') return [];
      const { host, netns, direction, iif, lookup, to } = stage;
      const ways = place.routes.filter((one) => one.type === 'unicast' && one.dev === dev);
      const route = longestMatch(ways, to);
      const held = place.addresses.find((one) => one.dev === dev && covers(`${one.address}/${one.prefix}`, nextHop));
      const inTable = route === undefined || route.table === 'main' ? {} : { table: route.table };
      return [
        {
          ...foundAt({ index, stage, dev }, 'likely'),
          sentence: `${placeText(stage)} sends the ${direction} to ${to} by ${dev}, where it ends${held === undefined ? '' : `: ${held.address}/${held.prefix} is on ${dev}, and the route of its network with it`}.`,
          proof: [
            `ip route get ${to}${iif === undefined ? '' : ` from ${stage.from} iif ${iif}`} in ${placeText(stage)}: by ${dev}${lookup.gateway === undefined ? '' : ` via ${lookup.gateway}`}`,
          ],
          ...(held !== undefined || route === undefined
            ? {}
            : {
                mend: mend(
                  host,
                  task(
                    `Take the route to ${dev} away`,
                    'route',
                    { dst: namedDestination(route.dst, to), dev, ...inTable, state: 'absent' },
                    netns,
                  ),
                ),
              }),
        },
      ];
    }),
});
