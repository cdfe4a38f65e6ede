import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'risky-shell-pipe',
  summary: 'A pipe in a shell hides that what stands before it failed, unless pipefail is set.',
  find: ofTasks(({ mapping, module, command, params }) => {
    if (module !== 'shell' || !command || mapping.value.ignore_errors === true) return [];
    if (String(params.get('executable')?.value ?? '').includes('pwsh')) return [];
    const line = command.value.replace(/\{\{.*?\}\}/gs, '').replace(/'[^']*'|"[^"]*"/g, '');
    const piped = /(?<!\|)\|(?!\|)/.test(line);
    if (!piped || /\bset\s+(?:-\S+\s+)*-\w*o\s+pipefail/.test(line)) return [];
    return [at(command, 'Only the end of this pipe is judged: begin with `set -o pipefail` (bash).')];
  }),
});
