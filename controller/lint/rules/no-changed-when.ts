import { at, defineRule, ofTasks } from './rule.ts';

const commands: ReadonlySet<string> = new Set(['command', 'shell', 'raw', 'script']);

export const rule = defineRule({
  name: 'no-changed-when',
  summary: 'A command says when it changes something: changed_when, creates or removes.',
  find: ofTasks(({ mapping, module, params, isHandler }) => {
    if (!commands.has(module) || isHandler || Object.hasOwn(mapping.value, 'changed_when')) return [];
    if (params.has('creates') || params.has('removes')) return [];
    return [at(mapping, `Each run of this ${module} counts as a change: say changed_when, creates or removes.`)];
  }),
});
