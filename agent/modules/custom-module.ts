import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { ExecResult, Host, HostCommand } from '../linux/host.ts';
import { defineRunModule, type RunContext } from './module.ts';
import { moduleResult } from './shared/module-output.ts';
import { pythonLoader } from './shared/python-loader.ts';

/**
 * Runs the module that comes by standard input, behind a line with its arguments, from a private folder that is gone afterwards.
 * Both are base64. The first argument is its name, the second the program that reads it, or empty.
 */
const runProgram = `
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
umask 077
IFS= read -r args
printf %s "$args" | base64 -d > "$folder/args" && base64 -d > "$folder/$1" && chmod 700 "$folder/$1" || exit
if [ -n "$2" ]; then "$2" "$folder/$1" "$folder/args" < /dev/null; else "$folder/$1" "$folder/args" < /dev/null; fi
`;

/** Bytes of what it prints. */
const outputLimit = 8 * 1024 * 1024;

const params = z.strictObject({
  name: z.string().regex(/^\w+$/, 'a module has a plain name').describe('The module.'),
  form: z.enum(['python', 'program']).describe('Python that imports ansible.module_utils, or any program.'),
  interpreter: z.string().describe('What starts it; empty: its first line says it.'),
  input: z.string().describe('The module and its arguments.'),
});
type Params = z.infer<typeof params>;

function commandOf({ name, form, interpreter, input }: Params): HostCommand {
  const argv =
    form === 'python' ? [interpreter, '-c', pythonLoader] : ['sh', '-c', runProgram, 'sh', name, interpreter];
  return { argv, stdin: input };
}

async function execute(params: Params, host: Host, { signal }: RunContext): Promise<ExecResult> {
  try {
    return await host.exec({ ...commandOf(params), runAs: host.runAs }, { signal, limit: outputLimit });
  } catch (error) {
    if (params.form !== 'python' || !(error instanceof OrchError) || error.code !== 'command-failed') throw error;
    throw new OrchError({
      code: 'unsupported-by-host',
      summary: `The module ${params.name} is written in Python, and the host has no ${params.interpreter}.`,
      hint: 'Install python3 there, or say where it is by the variable ansible_python_interpreter.',
      cause: error,
    });
  }
}

/** What a task with a custom module is sent as; no task names it. */
export const module = defineRunModule({
  name: 'custom_module',
  form: 'run',
  // It is told, and says itself what it does then, as with Ansible.
  checkMode: 'run',
  summary: "Runs a module of the playbook's own.",
  examples: [],
  params,
  async run(given, host, context) {
    return moduleResult(given.name, await execute(given, host, context));
  },
});
