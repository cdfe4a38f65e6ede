import { child } from '../../source/origins.ts';
import { at, defineRule, ofTasks } from './rule.ts';

/** Loops whose items are paths and texts by nature. */
const texts: ReadonlySet<string> = new Set(
  [
    ...['csvfile', 'env', 'file', 'fileglob', 'first_found', 'ini', 'inventory_hostnames', 'lines', 'password', 'pipe'],
    ...['sequence', 'template', 'unvault', 'url', 'varnames', 'vars'],
  ].map((name) => `with_${name}`),
);

export const rule = defineRule({
  name: 'deprecated-bare-vars',
  summary: 'A loop over the bare name of a variable is a loop over that text.',
  find: ofTasks(({ mapping }) =>
    Object.keys(mapping.value)
      .filter((key) => key.startsWith('with_') && !texts.has(key))
      .flatMap((key) => {
        const list = child(mapping, key);
        if (typeof list?.value !== 'string' || !/^[A-Za-z_][\w.[\]']*$/.test(list.value)) return [];
        return [at(list, `This is a text: for a variable write "{{ ${list.value} }}".`)];
      }),
  ),
});
