import { count } from '../../../report/format.ts';
import { mend, task } from '../../why/causes/cause.ts';
import type { Place } from '../../why/seen/evidence.ts';
import { deviceKey, isV6, placeText, sysctlOf } from '../../why/seen/facts.ts';
import type { Port } from '../../why/way/segment.ts';
import { grouped } from '../grouped.ts';
import { defineCheck } from './check.ts';

export const check = defineCheck({
  name: 'gateway-forwards-not',
  summary: 'Routes lead by a namespace that does not forward.',
  find: ({ places, ways }) => {
    const used = places.flatMap((place) =>
      place.routes.flatMap(({ gateway, dst, dev }) => {
        const next = gateway === undefined || dev === undefined ? undefined : ways.next(portOf(place, dev), gateway);
        return gateway === undefined || next === undefined
          ? []
          : [{ place, router: next.place, by: next.dev, gateway, dst }];
      }),
    );
    const off = used.filter(
      ({ place, router, by, gateway, dst }) =>
        router !== place &&
        !holds(router, dst) &&
        !isForced(router, by, gateway) &&
        sysctlOf(router, keyOf(gateway)) === 0,
    );
    return grouped(off, ({ router, gateway }) => `${placeText(router)} ${keyOf(gateway)}`).flatMap((all) => {
      const [first] = all;
      if (first === undefined) return [];
      const { router, gateway, dst, place } = first;
      const { host, netns } = router;
      const key = keyOf(gateway);
      const more = all.length === 1 ? '' : ` (and ${count(all.length - 1, 'more route')})`;
      return [
        {
          ...{ host, netns },
          sentence: `The route ${dst} of ${placeText(place)}${more} leads by ${gateway}, which is ${placeText(router)}; that does not forward (${key}=0).`,
          breaks: `What goes by it is dropped there, unless ${placeText(router)} is its end.`,
          mend: mend(host, task('Forward packets', 'sysctl', { name: key, value: 1 }, netns)),
        },
      ];
    });
  },
});

/** True when a route's destination is a single address of the place itself: its gateway need not forward what is for it. */
function holds({ addresses }: Place, dst: string): boolean {
  return addresses.some(({ address }) => address === dst);
}

/** Since Linux 6.17 a device may forward IPv6 where its namespace does not. */
function isForced(router: Place, dev: string, gateway: string): boolean {
  return isV6(gateway) && sysctlOf(router, deviceKey(dev, 'force_forwarding', 'ipv6')) === 1;
}

function portOf({ host, netns }: Place, dev: string): Port {
  return { host, netns, dev };
}

function keyOf(gateway: string): string {
  return isV6(gateway) ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward';
}
