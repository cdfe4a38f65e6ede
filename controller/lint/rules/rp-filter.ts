import type { KnownTask } from '../known-tasks.ts';
import { defineRule, type Finding } from './rule.ts';

const key = /^net[./]ipv4[./]conf[./](.+)[./]rp_filter$/;

export const rule = defineRule({
  name: 'rp-filter',
  summary: 'An rp_filter that does not do what it says: the kernel takes the larger of conf.all and the device.',
  find: ({ known }) => {
    const said = known.flatMap((task) => filterOf(task) ?? []);
    return said.flatMap(({ place, device, value, at }): readonly Finding[] => {
      const all = said.findLast((one) => one.place === place && one.device === 'all');
      if (device === 'default' && !all) {
        const message = 'conf.default counts for devices that are made later; those that are there keep theirs.';
        return [{ at, message }];
      }
      if (device === 'all' || device === 'default' || value !== 0 || all?.value === 0) return [];
      const why = all ? `conf.all is ${all.value} here` : 'where conf.all is 1 or 2, it stays on';
      const message = `0 on ${device} alone does not turn rp_filter off: the larger of both counts, and ${why}.`;
      return [{ at, message: `${message} Set 2 (loose), or conf.all to 0 too.` }];
    });
  },
});

function filterOf({ host, module, params, at }: KnownTask) {
  if (module !== 'sysctl' || params.state === 'absent') return undefined;
  const device = key.exec(String(params.name ?? params.key ?? ''))?.[1];
  if (device === undefined) return undefined;
  const place = params.netns === undefined ? host : `${host}/${String(params.netns)}`;
  return { place, device, value: Number(params.value ?? params.val), at };
}
