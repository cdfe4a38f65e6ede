import type { Evidence, Place, Stage } from './evidence.ts';
import { longestMatch, placeOf, vrfOf } from './facts.ts';

/** What a route's type answers (net/ipv4/fib_semantics.c, fib_props). */
export const answers: Readonly<Record<string, string>> = {
  blackhole: 'Invalid argument',
  unreachable: 'No route to host',
  prohibit: 'Permission denied',
};

/** The table that a namespace looks for a packet in that came by a device: of its VRF, or main. */
export function tableOf(place: Place | undefined, iif: string | undefined): string {
  return String(vrfOf(place, iif)?.vrfTable ?? 'main');
}

/** Parameters of the module route. */
export function inTable(table: string): { readonly table?: string } {
  return table === 'main' ? {} : { table };
}

/**
 * A default route that refuses a packet and keeps it from no other way, as tables of VRFs end with one so that none is looked for
 * behind them (Documentation/networking/vrf.rst): what is missing is a route.
 */
export function guardRoute(evidence: Pick<Evidence, 'places'>, stage: Stage): Place['routes'][number] | undefined {
  const place = placeOf(evidence, stage);
  const table = tableOf(place, stage.iif);
  const routes = place?.routes.filter((route) => route.table === table) ?? [];
  const taker = longestMatch(routes, stage.to);
  if (taker?.dst !== 'default' || answers[taker.type] !== stage.lookup.refusal) return undefined;
  const behind = place?.routes.filter((route) => route.table === 'default' && table === 'main') ?? [];
  return [...routes, ...behind].some(({ dst, type }) => dst === 'default' && type === 'unicast') ? undefined : taker;
}
