import { type Route, routeOf, sameSlot } from '../../modules/shared/route/route.ts';
import type { Way } from '../../modules/shared/route/way.ts';
import { rows, text } from '../../modules/shared/rows.ts';
import type { Difference, Item } from './state.ts';

/**
 * One difference of an IPv6 route that is gone and of what is left of it, which has another name: a route by several ways loses
 * those whose links go down, and any the address that it prefers as source. Pure.
 */
export function withRemains(differences: readonly Difference[]): readonly Difference[] {
  const gone = differences.filter(({ before, after }) => after === undefined && canLose(before));
  const remains = new Map(gone.map((one) => [one, differences.find((other) => isRestOf(other, one))]));
  const taken = new Set(remains.values());
  return differences.flatMap((one) => {
    const rest = remains.get(one);
    if (rest !== undefined) return [{ ...one, after: rest.after }];
    return taken.has(one) ? [] : [one];
  });
}

/** Ways of a route are gone, or its source. */
export function isRemains({ before, after }: Difference): boolean {
  return canLose(before) && isRest(after, before);
}

function isRestOf({ netns, before, after }: Difference, gone: Difference): boolean {
  return netns === gone.netns && before === undefined && isRest(after, gone.before);
}

function canLose(item: Item | undefined): boolean {
  return typeof item === 'object' && item.family === 6 && ('prefsrc' in item || rows(item, 'nexthops').length > 1);
}

function isRest(rest: Item | undefined, whole: Item | undefined): boolean {
  const [some, all] = [routeIn(rest), routeIn(whole)];
  if (some === undefined || all === undefined || some.ways.length === 0) return false;
  const isLess = some.ways.length < all.ways.length || (some.src === undefined && all.src !== undefined);
  const isWay = (way: Way) => all.ways.some(({ via, dev }) => way.via === via && way.dev === dev);
  return isLess && sameSlot(some, all) && some.table === all.table && some.ways.every(isWay);
}

function routeIn(item: Item | undefined): Route | undefined {
  if (typeof item !== 'object' || item.family !== 6 || !('dst' in item)) return undefined;
  return routeOf(item, 6, text(item, 'table') ?? 'main');
}
