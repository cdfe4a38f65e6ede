import type { Evidence, Place } from '../../seen/evidence.ts';
import { arrives, holdersOf, longestMatch, namedDestination, placeOf, placeText } from '../../seen/facts.ts';
import { vrfOfStage } from '../../way/guard-route.ts';
import { Segments } from '../../way/segment.ts';
import { type Finding, foundAt, mend, task } from '../cause.ts';

type Route = Place['routes'][number];

function bestRoute(routes: readonly Route[], to: string): Route | undefined {
  const ways = routes.filter(({ dev, type }) => dev !== undefined && type === 'unicast');
  return longestMatch(ways, to);
}

/** Packets whose way on is in the table of another VRF than the one that they came by, or in none. */
export function vrfLeaks(evidence: Evidence): readonly Finding[] {
  const segments = new Segments(evidence.places);
  return evidence.stages.flatMap((stage, index): readonly Finding[] => {
    const place = placeOf(evidence, stage);
    if (place === undefined || stage.lookup.type === 'local' || arrives(evidence, stage.direction)) return [];
    const vrfs = place.links.filter(({ kind, vrfTable }) => kind === 'vrf' && vrfTable !== undefined);
    const vrf = vrfOfStage(evidence, stage);
    const own = vrf?.vrfTable;
    const nameOf = (table: string) => {
      const vrf = vrfs.find(({ vrfTable }) => String(vrfTable) === table);
      return vrf === undefined ? `table ${table}` : `table ${table} of VRF ${vrf.name}`;
    };
    const table = own === undefined ? 'main' : String(own);
    const used = bestRoute(
      place.routes.filter((route) => route.table === table),
      stage.to,
    );
    const others = ['main', ...vrfs.map(({ vrfTable }) => String(vrfTable))].filter((other) => other !== table);
    return others.slice(0, vrfs.length).flatMap((other): readonly Finding[] => {
      const route = bestRoute(
        place.routes.filter((one) => one.table === other),
        stage.to,
      );
      if (route?.dev === undefined || (used !== undefined && longestMatch([used, route], stage.to) === used)) return [];
      // It leads there: the address is heard, or its router is.
      const port = { host: place.host, netns: place.netns, dev: route.dev };
      const target = route.gateway ?? stage.to;
      const heard = holdersOf(evidence, target).some((holder) =>
        segments.hear(port, { host: holder.place.host, netns: holder.place.netns, dev: holder.dev }),
      );
      if (!heard) return [];
      const came =
        stage.iif === undefined
          ? `is made ${vrf === undefined ? 'outside of any VRF' : `in VRF ${vrf.name}`}`
          : own === undefined
            ? `came by ${stage.iif}, which is in no VRF`
            : `came by ${stage.iif}, which is in VRF ${vrf?.name}`;
      return [
        {
          ...foundAt({ index, stage, place, dev: stage.iif ?? route.dev }, 'likely'),
          sentence: `The ${stage.direction} ${came}, so ${placeText(place)} looks for ${stage.to} in ${nameOf(table)}; the way there, by ${route.dev}, is in ${nameOf(other)} alone.`,
          proof: [
            `ip route get ${stage.to}${stage.iif === undefined ? '' : ` iif ${stage.iif}`} in ${placeText(place)}: ${stage.lookup.refusal ?? `by ${stage.lookup.dev}`}`,
            `ip route show table ${other} in ${placeText(place)}: ${route.dst}${route.gateway === undefined ? '' : ` via ${route.gateway}`} dev ${route.dev}`,
          ],
          mend: mend(
            place.host,
            task(
              'Leak the route',
              'route',
              {
                dst: namedDestination(route.dst, stage.to),
                ...(route.gateway === undefined ? {} : { via: route.gateway }),
                dev: route.dev,
                ...(own === undefined ? {} : { table: own }),
              },
              place.netns,
            ),
          ),
        },
      ];
    });
  });
}
