import { mend, task } from '../../why/causes/cause.ts';
import { deviceKey, isV6, largerOf, placeText } from '../../why/seen/facts.ts';
import { grouped } from '../grouped.ts';
import { type Arrival, type End, routesTo } from '../static-ways.ts';
import { defineCheck } from './check.ts';

/** Packets of one sender that a filter will drop. */
interface Dropped {
  readonly at: Arrival;
  readonly from: End;
  readonly to: End;
  readonly backBy: string;
}

export const check = defineCheck({
  name: 'rp-filter',
  summary: 'A strict reverse-path filter on a device by which packets come that would not go back by it.',
  find: ({ ways }) => {
    const dropped = [...ways.pairs()].flatMap(([from, to]): readonly Dropped[] => {
      if (isV6(from.address)) return [];
      for (const at of ways.way(from, to).arrivals) {
        const backBy = refusedBack(at, from.address);
        // Behind it nothing comes any more.
        if (backBy !== undefined) return [{ at, from, to, backBy }];
      }
      return [];
    });
    const devices = grouped(dropped, ({ at }) => `${placeText(at.place)} ${at.dev}`);
    return devices.flatMap((all) => {
      const [first] = all;
      const setting = first && largerOf(first.at.place, first.at.dev, 'rp_filter');
      if (first === undefined || setting === undefined) return [];
      const { at, from, to, backBy } = first;
      const { host, netns } = at.place;
      const others = new Set(all.map((one) => one.from.address)).size - 1;
      const more = others === 0 ? '' : ` (and ${others} more)`;
      const rp = `max(conf.all=${setting.all}, conf.${at.dev}=${setting.own}) = 1`;
      return [
        {
          ...{ host, netns, device: at.dev },
          sentence: `Packets from ${placeText(from.place)} (${from.address}) to ${to.address} come in by ${at.dev} of ${placeText(at.place)}, the route back leaves by ${backBy}, and rp_filter there is strict: ${rp}.`,
          breaks: `The kernel drops what comes from ${from.address}${more} by ${at.dev}; ${setting.all === 1 ? `0 on ${at.dev} does not help, for the larger value counts` : 'it says so in a counter only (TcpExt IPReversePathFilter)'}.`,
          mend: mend(
            host,
            task(
              'Accept packets whose way back leaves by another link',
              'sysctl',
              { name: deviceKey(at.dev, 'rp_filter'), value: 2 },
              netns,
            ),
          ),
        },
      ];
    });
  },
});

/** The device by which packets would go back, where the filter is strict and it is another one. */
function refusedBack({ place, dev }: Arrival, from: string): string | undefined {
  if (largerOf(place, dev, 'rp_filter')?.effective !== 1) return undefined;
  const back = routesTo(place, from, '0.0.0.0').flatMap((route) => route.dev ?? []);
  return back.length === 0 || back.includes(dev) ? undefined : back[0];
}
