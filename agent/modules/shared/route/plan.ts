import type { Step } from '../../module.ts';
import { routeAction, routeObject } from './action.ts';
import { inPlaceOf, type Route, sameSlot, sameTarget, satisfies } from './route.ts';

/** How one wanted route comes to be. */
export interface RoutePlan {
  /** The route that is there already, or that is replaced. */
  readonly present: Route | undefined;
  /** The wanted route, with what the task leaves open as it is. */
  readonly wanted: Route;
  readonly steps: readonly Step[];
}

/** Adds the route, or replaces the one in its place. */
export function makeRoute(wanted: Route, rows: readonly Route[], netns: string | undefined): RoutePlan {
  const same = rows.find((row) => satisfies(row, wanted));
  if (same !== undefined) return { present: same, wanted: inPlaceOf(wanted, same), steps: [] };
  const object = routeObject(wanted, netns);
  const holder = rows.find((row) => sameSlot(row, wanted));
  if (holder === undefined) {
    const undo = [routeAction('delete', wanted, netns)];
    return { present: undefined, wanted, steps: [{ object, action: routeAction('add', wanted, netns), undo }] };
  }
  const next = inPlaceOf(wanted, holder);
  // This one goes even where the one before can't come back, because its link is gone for good.
  const away = sameTarget(holder, next) ? [] : [routeAction('delete', next, netns)];
  const undo = [...away, routeAction('replace', holder, netns)];
  return { present: holder, wanted: next, steps: [{ object, action: routeAction('replace', next, netns), undo }] };
}

export function removeRoute(row: Route, netns: string | undefined): Step {
  return {
    object: routeObject(row, netns),
    action: routeAction('delete', row, netns),
    undo: [routeAction('append', row, netns)],
    removes: true,
  };
}
