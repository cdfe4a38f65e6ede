import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'inline-env-var',
  summary: 'A command line sets a variable of the environment, which `environment` does.',
  find: ofTasks(({ module, command }) => {
    if (module !== 'command' || !command || !/^\s*[A-Za-z_]\w*=/.test(command.value)) return [];
    // Options may stand before the line.
    if (/^\s*(?:chdir|creates|removes|stdin|cmd|executable|argv)=/.test(command.value)) return [];
    return [at(command, 'Say the variable by `environment`: no shell reads this line.')];
  }),
});
