import { mend, task } from '../../why/causes/cause.ts';
import { deviceKey, placeText, sysctlOf } from '../../why/seen/facts.ts';
import { defineCheck } from './check.ts';

export const check = defineCheck({
  name: 'forwarding-half',
  summary: 'A namespace that forwards IPv4 from some of its devices only.',
  find: ({ places }) =>
    places.flatMap((place) => {
      const devices = place.links.flatMap(({ name, up }) => {
        const value = sysctlOf(place, deviceKey(name, 'forwarding'));
        return name === 'lo' || !up || value === undefined ? [] : [{ name, on: value !== 0 }];
      });
      const on = devices.filter((device) => device.on).map(({ name }) => name);
      const { host, netns } = place;
      if (on.length === 0) return [];
      return devices
        .filter((device) => !device.on)
        .map(({ name }) => ({
          ...{ host, netns, device: name },
          sentence: `${placeText(place)} forwards what comes in by ${on.join(', ')}, but not what comes in by ${name} (${deviceKey(name, 'forwarding')}=0).`,
          breaks: `Ways through it work from one side only: answers that come in by ${name} are dropped.`,
          mend: mend(
            host,
            task(`Forward from ${name} too`, 'sysctl', { name: deviceKey(name, 'forwarding'), value: 1 }, netns),
          ),
        }));
    }),
});
