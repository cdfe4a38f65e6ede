import { at, defineRule, type Finding, ofTasks } from './rule.ts';

/** Their text is a command line; only options in it are meant. */
const freeForm: ReadonlySet<string> = new Set(['command', 'shell', 'raw', 'script', 'meta']);
const options: ReadonlySet<string> = new Set(['chdir', 'creates', 'executable', 'removes', 'stdin', 'warn']);

export const rule = defineRule({
  name: 'no-free-form',
  summary: 'Parameters are a mapping, not text of key=value.',
  find: ofTasks(({ mapping, module, said, params }): readonly Finding[] => {
    if (typeof said?.value !== 'string' || said.value.trim() === '') return [];
    if (Object.hasOwn(mapping.value, 'action') || Object.hasOwn(mapping.value, 'local_action')) return [];
    const beside = mapping.value.args;
    const inText = [...params.keys()].filter(
      (name) => typeof beside !== 'object' || beside === null || !Object.hasOwn(beside, name),
    );
    const wrong = inText.filter((name) => !freeForm.has(module) || options.has(name));
    return wrong.length === 0 ? [] : [at(said, `Write ${wrong.join(', ')} as a mapping below ${module}.`)];
  }),
});
