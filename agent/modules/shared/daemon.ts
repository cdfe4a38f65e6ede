import * as z from 'zod';
import { type DaemonSpec, daemonNames, type StopSignal, stopSignals } from '../../linux/daemons/spec.ts';
import type { TaskNeed } from '../module.ts';
import { checked, hostPath, inNetns } from './fields.ts';
import { shellWords } from './shell-words.ts';

const noNul = checked((text) => (text.includes('\0') ? 'it cannot hold a NUL' : undefined));
const seconds = (most: number) => z.number().min(0).max(most);

const pattern = checked((text) => {
  try {
    new RegExp(text, 'm');
    return undefined;
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : error}`;
  }
});

const ready = z.strictObject({
  port: z.int().min(1).max(65535).optional().describe('A TCP port that it must listen on.'),
  log: pattern.optional().describe('What its output must match: a regular expression of JavaScript.'),
  seconds: seconds(3600).default(0.3).describe('Seconds that it must have been up.'),
  timeout: z.number().min(0.1).max(3600).default(30).describe('Seconds after which it is ended and the task fails.'),
});

const backoff = z.strictObject({
  initial: seconds(3600).default(1).describe('Seconds before the first restart; each further one waits twice as long.'),
  max: seconds(3600).default(30).describe('The longest wait; who was up for longer begins with the first again.'),
});

const giveUp = z.strictObject({
  restarts: z.int().min(1).max(1000).default(5).describe('So many restarts ...'),
  within: z.number().min(1).max(86_400).default(120).describe('... within so many seconds.'),
});

const fields = z.strictObject({
  name: z
    .string()
    .regex(daemonNames, 'a name has letters, digits, "_", "." and "-", at most 64')
    .describe('Name by which orch knows it; in each namespace its own.'),
  state: z
    .enum(['started', 'stopped', 'absent'])
    .default('started')
    .describe(
      'started: it runs as described; stopped: it does not run, if it is there; absent: stopped and forgotten.',
    ),
  argv: z
    .array(noNul)
    .min(1)
    .max(1000)
    .optional()
    .describe('The program, which stays in the foreground, and its arguments.'),
  cmd: noNul.optional().describe('The same as a line, split into words by quotes and blanks, without a shell.'),
  netns: inNetns,
  cwd: hostPath.default('/').describe('Folder to run in.'),
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and "_"'),
      z.union([noNul, z.number(), z.boolean()]),
    )
    .default({})
    .describe('Variables beside those of a plain login; their values are shown nowhere.'),
  run_as: noNul.optional().describe('User to run as; default: the user that the task becomes, as for command.'),
  restart: z
    .enum(['always', 'on-failure', 'never'])
    .default('on-failure')
    .describe('Whether it is started again when it ends; a failure is a status other than 0, or a signal.'),
  backoff: backoff.prefault({}).describe('How long restarts wait.'),
  give_up: giveUp.prefault({}).describe('When it is left dead.'),
  stop_signal: z.enum(stopSignals).default('TERM').describe('Signal that asks it to end.'),
  stop_timeout: seconds(600).default(10).describe('Seconds from that signal to SIGKILL.'),
  ready: ready.prefault({}).describe('When it counts as started; all that is given must hold.'),
  log_limit: z
    .int()
    .min(4096)
    .max(100 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('Bytes of its log before a new one is begun; the one before is kept.'),
});
type Fields = z.infer<typeof fields>;

function problem(params: Fields): [keyof Fields, string] | undefined {
  const { argv, cmd, state, backoff: wait } = params;
  if (argv !== undefined && cmd !== undefined) return ['argv', 'say cmd or argv, not both'];
  if (state === 'started' && argv === undefined && cmd === undefined) return ['argv', 'say what to start'];
  if (argv?.[0] === '') return ['argv', 'the program has no name'];
  if (cmd !== undefined && !shellWords(cmd)?.[0]) return ['cmd', 'it is empty, or a quote is not closed'];
  return wait.initial > wait.max ? ['backoff', `initial (${wait.initial}) is more than max (${wait.max})`] : undefined;
}

export const daemonParams = fields.superRefine((params, context) => {
  const found = problem(params);
  if (found !== undefined) context.addIssue({ code: 'custom', path: [found[0]], message: found[1] });
});
export type DaemonParams = z.infer<typeof daemonParams>;

/** The program that is started, where it is looked up in the agent's PATH. */
export function daemonNeeds({ state, argv, cmd, environment }: DaemonParams): TaskNeed[] {
  const [program = ''] = argv ?? shellWords(cmd ?? '') ?? [];
  if (state !== 'started' || program === '' || program.includes('/') || 'PATH' in environment) return [];
  return [{ what: 'program', which: program, option: argv === undefined ? 'cmd' : 'argv' }];
}

/** The definition that a task comes to; `taskUser` is whom its commands belong to. */
export function daemonSpec(params: DaemonParams, taskUser: string | undefined): DaemonSpec {
  const { name, netns, cwd, restart } = params;
  const runAs = params.run_as ?? taskUser;
  return {
    ...{ name, netns, cwd, restart },
    argv: params.argv ?? shellWords(params.cmd ?? '') ?? [],
    environment: Object.fromEntries(Object.entries(params.environment).map(([key, value]) => [key, String(value)])),
    runAs: runAs === 'root' ? undefined : runAs,
    backoff: params.backoff,
    giveUp: params.give_up,
    stopSignal: params.stop_signal satisfies StopSignal,
    stopTimeout: params.stop_timeout,
    ready: params.ready,
    logLimit: params.log_limit,
  };
}
