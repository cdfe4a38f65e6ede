import { basename } from 'node:path';
import { defineRunModule, type RunResult } from './module.ts';
import { runCommand, skipReason } from './shared/run-command.ts';
import { scriptParams } from './shared/script-params.ts';
import { behindFirst, shellWords } from './shared/shell-words.ts';

/**
 * Runs the script that comes by standard input from a file of its own; the arguments are the file's name, the program that reads
 * it, or nothing, and what stands behind the script's name in the task, which the shell reads as Ansible has it.
 */
const runIt = `
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
script=$folder/$1
program=$2
arguments=$3
(umask 077 && base64 -d > "$script") && chmod 700 "$script" || exit
(eval "$program"' "$script" '"$arguments") < /dev/null
`;

/** Other than `command`, a script that is not run is skipped. */
function skipped(msg: string): RunResult {
  return { changed: false, skipped: true, message: msg, result: { msg } };
}

export const module = defineRunModule({
  name: 'script',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Runs a script of the workstation on the host.',
  notes:
    'The script is a file beside the one that names it, or in `files/` there; what follows its name are its arguments, as a shell reads them. ' +
    'Returns rc, stdout, stderr, stdout_lines and stderr_lines. Check mode skips it, but says of one with `creates` or `removes` whether it would run.',
  examples: [
    'script: measure.sh --count 3',
    'script:\n  cmd: setup.py ns01\n  executable: python3\n  creates: /etc/ready',
  ],
  freeForm: 'cmd',
  params: scriptParams,
  async run(params, host, context) {
    const [path = ''] = shellWords(params.cmd) ?? [];
    const argv = ['sh', '-c', runIt, 'sh', basename(path), params.executable, behindFirst(params.cmd)];
    const rest = { stdin_add_newline: true, strip_empty_ends: false, stdin: params.content_base64 };
    const { creates, removes, chdir, netns } = params;
    const kept = await skipReason(params, host);
    if (kept !== undefined) {
      return skipped(`${kept}, matching ${kept.endsWith('does not exist') ? 'removes' : 'creates'} option`);
    }
    if (context.check && creates === undefined && removes === undefined) {
      return skipped('Check mode is not supported for this task.');
    }
    const done = await runCommand(argv, params.cmd, { ...rest, creates, removes, chdir, netns }, host, context);
    const { cmd: _, start: __, end: ___, delta: ____, msg, ...told } = done.result;
    const result = msg === '' ? told : { ...told, msg };
    return { ...done, result };
  },
});
