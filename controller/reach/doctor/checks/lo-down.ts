import { mend, task } from '../../why/causes/cause.ts';
import { linkOf, placeText } from '../../why/seen/facts.ts';
import { defineCheck } from './check.ts';

export const check = defineCheck({
  name: 'lo-down',
  summary: 'A namespace whose loopback device is down: the kernel makes it so.',
  find: ({ places }) =>
    places.flatMap((place) => {
      const lo = linkOf(place, 'lo');
      if (lo === undefined || lo.up) return [];
      const { host, netns } = place;
      const params = netns === '' ? { name: 'lo', state: 'up' } : { name: netns, lo: 'up' };
      return [
        {
          ...{ host, netns, device: 'lo' },
          sentence: `lo of ${placeText(place)} is down.`,
          breaks: 'It cannot reach its own addresses, neither 127.0.0.1 nor those of other devices.',
          mend: mend(host, task('Set lo up', netns === '' ? 'link' : 'netns', params, '')),
        },
      ];
    }),
});
