import { placeText } from '../../why/seen/facts.ts';
import { grouped } from '../grouped.ts';
import type { Arrival, End, StaticWays } from '../static-ways.ts';
import { defineCheck } from './check.ts';

interface Asymmetric {
  readonly from: End;
  readonly to: End;
  readonly there: string;
  readonly back: string;
}

export const check = defineCheck({
  name: 'asymmetric-route',
  summary: 'Packets go by other routers than the answers to them.',
  find: ({ ways }) => {
    const found = [...ways.pairs()].flatMap(([from, to]): readonly Asymmetric[] => {
      // Each pair once.
      if (ways.ends.indexOf(from) > ways.ends.indexOf(to)) return [];
      const [there, back] = [routers(ways, from, to), routers(ways, to, from)];
      // Straight one way only: an address of a router's far side, which nobody has to talk to.
      if (there.length === 0 || back.length === 0) return [];
      const [one, other] = [there.map(nameOf).join(', '), back.map(nameOf).reverse().join(', ')];
      return one === other ? [] : [{ from, to, there: one, back: other }];
    });
    const kinds = grouped(found, ({ there, back }) => `${there} | ${back}`);
    return kinds.flatMap((all) => {
      const [first] = all;
      if (first === undefined) return [];
      const { from, to, there, back } = first;
      const { host, netns } = to.place;
      const more = all.length === 1 ? '' : ` So it is with ${all.length - 1} more pairs of addresses.`;
      return [
        {
          ...{ host, netns, device: to.dev },
          sentence: `Packets from ${end(from)} to ${end(to)} go by ${there}, the answers by ${back}.${more}`,
          breaks:
            'A firewall that keeps connections in mind, address translation and a strict rp_filter on the way see one direction only.',
          advice: `Give ${placeText(to.place)} a route back to ${from.address} by ${there}, or ${placeText(from.place)} one to ${to.address} by ${back}.`,
        },
      ];
    });
  },
});

function nameOf({ place }: Arrival): string {
  return placeText(place);
}

function end({ place, address }: End): string {
  return `${placeText(place)} (${address})`;
}

/** Between both ends; none where the packet does not arrive. */
function routers(ways: StaticWays, from: End, to: End): readonly Arrival[] {
  const { arrivals, arrives } = ways.way(from, to);
  return arrives ? arrivals.slice(0, -1) : [];
}
