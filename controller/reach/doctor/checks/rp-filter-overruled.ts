import { mend, task } from '../../why/causes/cause.ts';
import { largerOf, placeText, sysctlOf } from '../../why/seen/facts.ts';
import { defineCheck } from './check.ts';

const modes = ['off (0)', 'strict (1)', 'loose (2)'];

export const check = defineCheck({
  name: 'rp-filter-overruled',
  summary: "A device's own rp_filter that says less than conf.all, and so means nothing.",
  find: ({ places }) =>
    places.flatMap((place) =>
      place.links.flatMap(({ name }) => {
        const setting = largerOf(place, name, 'rp_filter');
        const usual = sysctlOf(place, 'net.ipv4.conf.default.rp_filter');
        // What the device got when it was made was nobody's choice; lo was there before any.
        if (name === 'lo' || setting === undefined || setting.own >= setting.all || setting.own === usual) return [];
        const { host, netns } = place;
        const [own, all] = [modes[setting.own], modes[setting.all]];
        return [
          {
            ...{ host, netns, device: name },
            sentence: `rp_filter of ${name} of ${placeText(place)} was set to ${own}, but conf.all is ${all}, and the kernel takes the larger.`,
            breaks: `The filter on ${name} is ${all}, not ${own}.`,
            mend: mend(
              host,
              task(
                'Leave the filter to the devices',
                'sysctl',
                { name: 'net.ipv4.conf.all.rp_filter', value: setting.own },
                netns,
              ),
            ),
          },
        ];
      }),
    ),
});
