import type { Place } from '../seen/evidence.ts';
import { deviceKey, isV6, leadsTo, linkOf, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { guardRoute, vrfOfStage } from '../way/guard-route.ts';
import { routeBack, wayBack } from '../way/way-back.ts';
import { routeOn, wayOn } from '../way/way-on.ts';
import { defineCause, foundAt, mend } from './cause.ts';

/** ENETUNREACH: no rule led to a route. */
const refused = 'Network is unreachable';

/**
 * What keeps a router's advertisements from giving the namespace a route: of each device that is up, in words. 1 counts only
 * while the device does not forward, 2 always (Documentation/networking/ip-sysctl.rst: accept_ra).
 */
function ignoredAdvertisements(place: Place | undefined): readonly string[] {
  const devices = place?.links.filter(({ name, up }) => name !== 'lo' && up) ?? [];
  return devices.flatMap(({ name }) => {
    const key = deviceKey(name, 'accept_ra', 'ipv6');
    const accepts = sysctlOf(place, key);
    if (accepts === 0) return [`${key} is 0`];
    const forwards = sysctlOf(place, deviceKey(name, 'forwarding', 'ipv6')) === 1;
    return accepts === 1 && forwards
      ? [`${key} is 1, which counts for nothing while the device forwards (2 would)`]
      : [];
  });
}

export const cause = defineCause({
  name: 'no-route',
  summary: 'A namespace on the way has no route to the other end, or to the sender for the reply.',
  general: true,
  find: (evidence) =>
    evidence.stages.flatMap((stage, index) => {
      const guard = guardRoute(evidence, stage);
      const { refusal = '' } = stage.lookup;
      if (refusal !== refused && guard === undefined) return [];
      const { host, netns, direction, to, iif } = stage;
      const place = placeOf(evidence, stage);
      const vrf = vrfOfStage(evidence, stage);
      const table = String(vrf?.vrfTable ?? 'main');
      const matching =
        place?.routes.filter((route) => route.table === table && route !== guard && leadsTo(route, to)) ?? [];
      const down = matching.find((route) => linkOf(place, route.dev)?.up === false);
      if (down !== undefined) return [];
      const known = place !== undefined && matching.length === 0;
      // Which routes went with it, nobody knows (fib_sync_down_dev).
      const downs = place?.links.filter(({ name, up }) => !up && place.addresses.some(({ dev }) => dev === name)) ?? [];
      const ignored = isV6(to) ? ignoredAdvertisements(place) : [];
      const back = direction === 'reply' ? wayBack(evidence, stage) : undefined;
      const on = back === undefined ? wayOn(evidence, stage, to) : undefined;
      const missing = back === undefined ? on && routeOn(on, netns) : routeBack(back, netns);
      const inVrf = vrf === undefined ? '' : ` in VRF ${vrf.name}`;
      const what = direction === 'reply' ? 'no route back to' : 'no route to';
      return [
        {
          ...foundAt({ index, stage, dev: iif }, known && stage.seen ? 'certain' : 'likely'),
          sentence: `${placeText(stage)} has ${what} ${to}${inVrf}${direction === 'reply' ? ', so the reply cannot leave' : ''}.`,
          proof: [
            `ip route get ${to}${iif === undefined ? '' : ` from ${stage.from} iif ${iif}`} in ${placeText(stage)}: ${refusal}`,
            ...(known ? [`no route of its table ${table} leads there`] : []),
            ...(guard === undefined
              ? []
              : [`ip route: ${guard.type} default of table ${table}, for what no other route takes`]),
          ],
          ...(downs.length === 0
            ? {}
            : {
                beware: `${downs.map(({ name }) => name).join(', ')} of ${placeText(stage)} is down: a route by it would have gone when it was taken down.`,
              }),
          ...(ignored.length === 0
            ? {}
            : { beware: `No advertisement of a router gives ${placeText(stage)} a route: ${ignored.join('; ')}.` }),
          ...(missing === undefined ? {} : { mend: mend(host, missing) }),
        },
      ];
    }),
});
