import { cidrText, networkOf, parseCidr } from '../../../../agent/modules/shared/ip-address.ts';
import { task } from '../causes/cause.ts';
import type { Evidence, PlaceName, Stage } from '../seen/evidence.ts';
import { holdersOf, isV6, placeOf, sameNetwork } from '../seen/facts.ts';
import { inTable, tableOf } from './guard-route.ts';

/** How the request came to a place that has to find a way back. */
export interface WayBack {
  readonly router: Stage;
  /** Its address, as that place sees it. */
  readonly via: string;
  /** The network of the sender. */
  readonly network: string;
  /** Where a route there has to be. */
  readonly table: string;
}

/** The router that the request came by to a place; undefined where it came from the sender itself. */
export function wayBack(evidence: Evidence, { host, netns }: PlaceName): WayBack | undefined {
  const at = evidence.stages.findLastIndex(
    (stage) => stage.direction === 'request' && stage.host === host && stage.netns === netns,
  );
  const [router, end] = [evidence.stages[at - 1], evidence.stages[at]];
  if (router?.iif === undefined || end?.iif === undefined) return undefined;
  const lasting = (dev: string | undefined, of: PlaceName) =>
    placeOf(evidence, of)?.addresses.filter(
      (held) => held.dev === dev && isV6(held.address) === isV6(end.from) && !/^fe80:/i.test(held.address),
    ) ?? [];
  const own = lasting(end.iif, end);
  const near = lasting(router.lookup.dev, router).find(({ address }) =>
    own.some((mine) => sameNetwork(mine.address, address, mine.prefix)),
  );
  const [sender] = holdersOf(evidence, end.from);
  const cidr = parseCidr(`${end.from}/${sender?.prefix ?? (end.from.includes(':') ? 128 : 32)}`);
  const table = tableOf(placeOf(evidence, end), end.iif);
  return near && cidr && { router, via: near.address, network: cidrText(networkOf(cidr)), table };
}

/** A task that gives a place a route back to the sender. */
export function routeBack({ via, network, table }: WayBack, netns: string): string {
  return task('Give it a route back', 'route', { dst: network, via, ...inTable(table) }, netns);
}
