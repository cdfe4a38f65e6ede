import type { Located } from '../../source/located.ts';
import { composed } from '../../source/origins.ts';
import type { Play } from '../types.ts';
import type { Context } from './context.ts';
import type { Fields, Mapping } from './fields.ts';
import { withDefaults } from './module-defaults.ts';

/** Whether facts are gathered: yes, no, or a template that says so. */
export function gathering(fields: Fields): boolean | Located | undefined {
  const said = fields.flag('gather_facts');
  return typeof said?.value === 'boolean' ? said.value : said;
}

/** Which facts: the parameters of `setup` that a play says, over its `module_defaults`. */
export function gatheringArgs(play: Located<Mapping>, fields: Fields, context: Context): Play['gatheringArgs'] {
  const said = ['gather_subset', 'fact_path'].flatMap((key) => {
    const value = fields.value(key);
    return value ? [[key, value] as const] : [];
  });
  const gathering = { module: 'setup', calledAs: 'gather_facts' };
  return withDefaults({ args: composed(new Map(said), play) }, gathering, context.scene.moduleDefaults, (name) => name);
}
