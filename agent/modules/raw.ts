import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { checked, programPath } from './shared/fields.ts';
import { runCommand } from './shared/run-command.ts';

export const module = defineRunModule({
  name: 'raw',
  form: 'run',
  checkMode: 'skip',
  summary: 'Runs a command line through a shell, as it is.',
  notes: 'For playbooks that use it on hosts without Python; here it is `shell` without its parameters.',
  examples: ['raw: cat /etc/os-release'],
  freeForm: 'cmd',
  params: z.strictObject({
    cmd: checked((text) => (text.trim() === '' ? 'say the command' : undefined)).describe('The command line.'),
    executable: programPath.default('/bin/sh').describe('The shell.'),
  }),
  async run({ cmd, executable }, host, context) {
    const params = { stdin_add_newline: true, strip_empty_ends: false };
    const { result, ...rest } = await runCommand([executable, '-c', cmd], cmd, params, host, context);
    const { rc, msg, stdout, stderr, stdout_lines, stderr_lines } = result;
    return { ...rest, result: { ...(msg === '' ? {} : { msg }), rc, stdout, stderr, stdout_lines, stderr_lines } };
  },
});
