import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { commandFields, runCommand } from './shared/run-command.ts';
import { shellWords } from './shared/shell-words.ts';

const fields = z.strictObject({
  cmd: z
    .string()
    .min(1)
    .optional()
    .describe('The command line; split into words by quotes and blanks, without a shell.'),
  argv: z.array(z.string()).min(1).optional().describe('The program and its arguments, each as it is.'),
  expand_argument_vars: z
    .boolean()
    .default(true)
    .describe("Put in $NAME, ~ and ~user as the shell of the task's user would."),
  executable: z.string().optional().describe('Taken for the sake of old playbooks, with a warning: there is no shell.'),
  ...commandFields,
});
type Params = z.infer<typeof fields>;

function problem(params: Params): [keyof Params, string] | undefined {
  if (params.cmd === undefined && params.argv === undefined) return ['cmd', 'say the command'];
  if (params.cmd !== undefined && params.argv !== undefined) return ['argv', 'say cmd or argv, not both'];
  if ([params.cmd, ...(params.argv ?? [])].some((word) => word?.includes('\0')))
    return ['cmd', 'an argument cannot hold a NUL'];
  if (params.cmd === undefined) return undefined;
  const words = shellWords(params.cmd);
  if (words === undefined) return ['cmd', 'a quote is not closed'];
  return words.length === 0 ? ['cmd', 'say the command'] : undefined;
}

export const module = defineRunModule({
  name: 'command',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Runs a program, without a shell.',
  notes:
    'Pipes, redirections and `*` mean nothing here: they are arguments like any other. Returns cmd, rc, ' +
    'stdout, stderr, stdout_lines, stderr_lines, start, end and delta. A status other than 0 is a failure. Check mode skips it, but says of one with `creates` or `removes` whether it would run.',
  examples: [
    'command: ip -s link',
    'command:\n  cmd: cat /proc/net/arp\n  netns: ns01',
    'command:\n  argv: [touch, /root/a file]\n  creates: /root/a file',
  ],
  freeForm: 'cmd',
  params: fields.superRefine((params, context) => {
    const found = problem(params);
    if (found !== undefined) context.addIssue({ code: 'custom', path: [found[0]], message: found[1] });
  }),
  async run(params, host, context) {
    const words = params.argv ?? shellWords(params.cmd ?? '') ?? [];
    const argv = params.expand_argument_vars ? await Promise.all(words.map((word) => host.word(word))) : words;
    const done = await runCommand(argv, words, params, host, context);
    if (params.executable === undefined) return done;
    const warning = `the parameter 'executable' is no longer supported with the 'command' module. Not using '${params.executable}'.`;
    return { ...done, warnings: [...(done.warnings ?? []), warning] };
  },
});
