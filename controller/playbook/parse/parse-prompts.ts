import type { Located } from '../../source/located.ts';
import { child } from '../../source/origins.ts';
import type { VarPrompt } from '../plays/var-prompt.ts';
import { describe } from '../values/describe.ts';
import type { Context } from './context.ts';
import { Fields, isMappingAt } from './fields.ts';

const keys = new Set([
  ...['name', 'prompt', 'default', 'private', 'confirm', 'encrypt', 'salt', 'salt_size', 'unsafe'],
]);

/** `vars_prompt`: what people are asked before the run. */
export function parsePrompts(fields: Fields, context: Context): VarPrompt[] {
  return fields.list('vars_prompt').flatMap((item) => parsePrompt(item, context) ?? []);
}

function parsePrompt(item: Located, context: Context): VarPrompt | undefined {
  if (!isMappingAt(item)) {
    context.error(item, { summary: `each of "vars_prompt" must be a mapping, not ${describe(item.value)}` });
    return undefined;
  }
  const fields = new Fields(item, context);
  fields.refuseOthers(keys, 'a prompt');
  const name = fields.text('name');
  if (!name) {
    if (!child(item, 'name')) context.error(item, { summary: 'a prompt must name its variable', hint: 'add "name:"' });
    return undefined;
  }
  const saltSize = fields.number('salt_size')?.value;
  return {
    name,
    prompt: fields.text('prompt'),
    otherwise: fields.value('default'),
    private: fields.boolean('private') ?? true,
    confirm: fields.boolean('confirm') ?? false,
    encrypt: fields.text('encrypt'),
    salt: fields.text('salt'),
    saltSize: typeof saltSize === 'number' ? saltSize : undefined,
    unsafe: fields.boolean('unsafe') ?? false,
  };
}
