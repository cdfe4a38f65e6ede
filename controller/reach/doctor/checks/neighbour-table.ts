import { cidrText, networkOf, parseIp } from '../../../../agent/modules/shared/ip-address.ts';
import { mend, task } from '../../why/causes/cause.ts';
import type { Place } from '../../why/seen/evidence.ts';
import { isV6, sysctlOf } from '../../why/seen/facts.ts';
import { grouped } from '../grouped.ts';
import type { End } from '../static-ways.ts';
import { defineCheck } from './check.ts';

/** Entries that count: permanent ones and those that need no resolution do not (neigh_alloc, net/core/neighbour.c). */
const exempt = /PERMANENT|NOARP/;

export const check = defineCheck({
  name: 'neighbour-table',
  summary: "The kernel's table of neighbours, which all namespaces of a host share, is too small for them.",
  find: ({ places, ways }) =>
    grouped(places, ({ host }) => host).flatMap((all) =>
      [false, true].flatMap((v6) => {
        const own = all.find(({ netns }) => netns === '');
        const family = v6 ? 'ipv6' : 'ipv4';
        const key = `net.${family}.neigh.default.gc_thresh3`;
        const most = sysctlOf(own, key);
        if (own === undefined || most === undefined) return [];
        const now = all.flatMap(({ neighbours }) =>
          neighbours.filter(({ address, state }) => isV6(address) === v6 && !exempt.test(state)),
        ).length;
        const needed = Math.max(now, neighboursOf(all, ways.ends, v6));
        if (needed < most * 0.9) return [];
        return [
          {
            ...{ host: own.host, netns: '' },
            sentence: `The namespaces of ${own.host} share one table for ${most} neighbours (${key}); it has ${now} now, and ${needed} if each talks to all on its networks.`,
            breaks:
              'When it is full, packets to further neighbours are dropped ("neighbour: arp_cache: neighbor table overflow!").',
            mend: mend(
              own.host,
              task(
                'Make room for neighbours',
                'sysctl',
                { name: key, value: 2 ** Math.ceil(Math.log2(needed * 2)) },
                '',
              ),
            ),
          },
        ];
      }),
    ),
});

/** How many entries there are when each namespace has talked to all others on the networks of its addresses. */
function neighboursOf(places: readonly Place[], ends: readonly End[], v6: boolean): number {
  const networks = grouped(
    ends.filter(({ address }) => isV6(address) === v6),
    ({ address, prefix }) => networkText(address, prefix),
  );
  return networks.reduce(
    (sum, held) => sum + held.filter(({ place }) => places.includes(place)).length * (held.length - 1),
    0,
  );
}

function networkText(address: string, prefix: number): string {
  const family = parseIp(address)?.family;
  return family === undefined ? address : cidrText(networkOf({ family, address, prefix }));
}
