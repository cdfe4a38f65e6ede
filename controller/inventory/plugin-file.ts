import type { Located } from '../source/located.ts';
import { child } from '../source/origins.ts';
import { constructInventory } from './constructed.ts';
import type { Draft } from './draft.ts';
import { generateInventory } from './generator.ts';

/** One inventory plugin. */
interface Plugin {
  readonly options: readonly string[];
  readonly fill: (root: Located, draft: Draft) => void;
}

const plugins: ReadonlyMap<string, Plugin> = new Map([
  [
    'constructed',
    {
      options: [
        ...['strict', 'compose', 'groups', 'keyed_groups', 'leading_separator'],
        ...['use_extra_vars', 'use_vars_plugins', 'cache'],
      ],
      fill: constructInventory,
    },
  ],
  ['generator', { options: ['hosts', 'layers'], fill: generateInventory }],
]);

/** True for a file of a plugin's settings. */
export function isPluginFile({ value }: Located): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'plugin');
}

/** Has the plugin that a file names add its hosts and groups. */
export function readPluginFile(root: Located, draft: Draft): void {
  const field = child(root, 'plugin');
  const written = String(field?.value);
  const name = written.replace(/^ansible\.builtin\./, '');
  const plugin = plugins.get(name);
  if (!plugin) {
    const hint = `${[...plugins.keys()].join(' and ')} are there; so are programs (--list)`;
    draft.error(field ?? root, `orch has no inventory plugin "${written}"`, hint);
    return;
  }
  for (const key of Object.keys(root.value as object)) {
    const option = child(root, key);
    if (option && key !== 'plugin' && !plugin.options.includes(key))
      draft.error(option, `the plugin ${name} has no option "${key}"`, undefined, 'key');
  }
  plugin.fill(root, draft);
}
