import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { checked, programPath } from './shared/fields.ts';
import { commandFields, runCommand } from './shared/run-command.ts';

const line = checked((text) => {
  if (text.trim() === '') return 'say the command';
  return text.includes('\0') ? 'a command cannot hold a NUL' : undefined;
});

export const module = defineRunModule({
  name: 'shell',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Runs a command line through a shell.',
  notes:
    'Returns the keys of `command`. Values from variables belong in quotes (`{{ name | quote }}`), or use `command`.',
  examples: [
    'shell: ip -o link | wc -l',
    'shell:\n  cmd: cat < /proc/net/route > routes.txt\n  chdir: /tmp\n  creates: /tmp/routes.txt\n  netns: ns01',
  ],
  freeForm: 'cmd',
  params: z.strictObject({
    cmd: line.describe('The command line.'),
    executable: programPath.default('/bin/sh').describe('The shell.'),
    ...commandFields,
  }),
  async run(params, host, context) {
    return runCommand([params.executable, '-c', params.cmd], params.cmd, params, host, context);
  },
});
