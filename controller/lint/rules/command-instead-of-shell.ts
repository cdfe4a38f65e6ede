import { at, defineRule, ofTasks } from './rule.ts';

/** What only a shell does with a line, templates aside. */
const shellish = /[&|<>;$\n*[\]{}?`~#!()]|^\s*(?:source|\.|cd|export|umask|set|command|type|ulimit|exec|eval|unset)\s/;

export const rule = defineRule({
  name: 'command-instead-of-shell',
  summary: 'A shell is asked to do what needs none.',
  find: ofTasks(({ module, command, params }) => {
    if (module !== 'shell' || !command || params.has('executable')) return [];
    const line = command.value.replace(/\{\{.*?\}\}/gs, '');
    return shellish.test(line.trim()) ? [] : [at(command, 'Nothing in this line needs a shell: use command.')];
  }),
});
