import type { Evidence, Place, PlaceName, Stage } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { isAt, leadsTo, longestMatch, placeOf, vrfOf } from '../seen/facts.ts';

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

/** The VRF that a packet is in: of what it came by, and of an answer that of what the request came by. */
export function vrfOfStage(
  evidence: Pick<Evidence, 'places' | 'stages'>,
  stage: PlaceName & Pick<Stage, 'iif'>,
): Link | undefined {
  const all: readonly PlaceName[] = evidence.stages;
  const before = evidence.stages[all.indexOf(stage) - 1];
  const answers = stage.iif === undefined && before !== undefined && isAt(before, stage);
  return vrfOf(placeOf(evidence, stage), answers ? before.iif : stage.iif);
}

/** Parameters of the module route. */
export function inTable(table: string): { readonly table?: string } {
  return table === 'main' ? {} : { table };
}

/**
 * A default route that refuses a packet and keeps it from no other way, as tables of VRFs end with one so that none is looked for
 * behind them (Documentation/networking/vrf.rst): what is missing is a route.
 */
export function guardRoute(
  evidence: Pick<Evidence, 'places' | 'stages'>,
  stage: Stage,
): Place['routes'][number] | undefined {
  const place = placeOf(evidence, stage);
  const table = String(vrfOfStage(evidence, stage)?.vrfTable ?? 'main');
  const routes = place?.routes.filter((route) => route.table === table) ?? [];
  const taker = longestMatch(routes, stage.to);
  if (taker?.dst !== 'default' || answers[taker.type] !== stage.lookup.refusal) return undefined;
  const behind = place?.routes.filter((route) => route.table === 'default' && table === 'main') ?? [];
  return [...routes, ...behind].some((route) => route.type === 'unicast' && leadsTo(route, stage.to))
    ? undefined
    : taker;
}
