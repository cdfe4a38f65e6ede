import { at, defineRule, ofTasks } from './rule.ts';

/** Modules that make files, and those that do so when `create` says it (with what it is otherwise). */
const makes: ReadonlySet<string> = new Set(['archive', 'assemble', 'copy', 'get_url', 'template']);
const creates: ReadonlyMap<string, boolean> = new Map([
  ['blockinfile', false],
  ['lineinfile', false],
  ['ini_file', true],
]);

export const rule = defineRule({
  name: 'risky-file-permissions',
  summary: 'A file is made without a mode, and gets what the umask of the day leaves.',
  find: ofTasks(({ mapping, module, params }) => {
    if (params.has('mode')) return [];
    const { value } = params.get(module === 'file' ? 'state' : 'create') ?? {};
    const made =
      makes.has(module) ||
      (module === 'file' && (value === 'touch' || value === 'directory')) ||
      (creates.has(module) && (value ?? creates.get(module)) === true);
    const gone = params.get('state')?.value === 'absent';
    return made && !gone ? [at(mapping, `This ${module} makes a file and says no mode.`)] : [];
  }),
});
