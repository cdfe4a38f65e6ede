import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { ExecResult, Host } from '../linux/host.ts';
import { defineRunModule, type RunContext, type RunResult } from './module.ts';
import { Dialogue } from './shared/dialogue.ts';
import { checked } from './shared/fields.ts';
import { lineEnds } from './shared/line-ends.ts';
import { requireNetns } from './shared/place.ts';
import { ptyScript } from './shared/pty-script.ts';
import { commandFields, lines, skipReason, timesOf } from './shared/run-command.ts';
import { shellWords } from './shared/shell-words.ts';

/** A program that prompts for a password may throw away what comes before it has turned the echo off. */
const pauseMs = 50;

const { chdir, creates, removes, netns } = commandFields;

const params = z.strictObject({
  command: checked((text) => {
    const words = shellWords(text);
    if (words === undefined) return 'a quote is not closed';
    return words.length === 0 ? 'say the command' : undefined;
  }).describe('The command line; split into words by quotes and blanks, without a shell.'),
  responses: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .meta({ writeOnly: true })
    .describe(
      'What is said to prompts, by their regular expressions (those of Python): one answer for each time, or a list with the next one each time.',
    ),
  timeout: z
    .number()
    .min(0)
    .nullable()
    .default(30)
    .describe('Seconds to wait for the next prompt, or the end; null: no limit.'),
  echo: z.boolean().default(false).describe('Have the terminal repeat the answers, so that they are in the output.'),
  ...{ creates, removes, chdir, netns },
});
type Params = z.infer<typeof params>;

/** How a conversation ended. */
interface Talked {
  readonly done: ExecResult;
  /** No prompt came in time, nor the end. */
  readonly late: boolean;
}

/** Runs the command on a terminal of its own, and answers what it asks. Throws OrchError where it can't be answered. */
async function talk(words: readonly string[], params: Params, host: Host, context: RunContext): Promise<Talked> {
  const dialogue = new Dialogue(params.responses);
  const decoder = new StringDecoder('utf8');
  const end = new AbortController();
  const signal = AbortSignal.any([context.signal, end.signal]);
  let late = false;
  let wrong: OrchError | undefined;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (params.timeout === null) return;
    timer = setTimeout(() => {
      late = true;
      end.abort();
    }, params.timeout * 1000);
  };
  // One piece after the other: answers go out in the order of their prompts.
  let before = Promise.resolve();
  const answer = (chunk: Buffer, say: (text: string) => void) => {
    before = before.then(async () => {
      if (signal.aborted) return;
      try {
        for (const reply of dialogue.hear(decoder.write(chunk))) {
          wait();
          await sleep(pauseMs);
          say(`${reply.replace(/\n+$/, '')}\n`);
        }
      } catch (error) {
        wrong = new OrchError({ code: 'task-failed', summary: error instanceof Error ? error.message : String(error) });
        end.abort();
      }
    });
  };
  wait();
  const argv = ['perl', '-e', ptyScript, params.echo ? '1' : '0', ...words];
  const command = { argv, netns: params.netns, cwd: params.chdir, runAs: host.runAs };
  try {
    const done = await host.exec(command, { signal, answer });
    await before;
    if (wrong !== undefined) throw wrong;
    return { done, late };
  } finally {
    clearTimeout(timer);
  }
}

export const module = defineRunModule({
  name: 'expect',
  asUser: true,
  form: 'run',
  checkMode: 'skip',
  summary: 'Runs a program and answers what it asks.',
  notes:
    'It runs on a terminal of its own, which takes perl on the host (perl-base, that every Debian has). Returns the keys of `command`, ' +
    'with all that was said in stdout. Answers are shown nowhere, but for what the program itself repeats.',
  examples: [
    'expect:\n  command: passwd alice\n  responses:\n    (?i)password: "{{ password }}"',
    'expect:\n  command: ./setup --ask\n  chdir: /opt/app\n  creates: /opt/app/ready\n  responses:\n    Name: lab\n    Address: [10.0.0.1, 10.0.0.2]\n  timeout: 60',
  ],
  params,
  async run(given, host, context): Promise<RunResult> {
    const cmd = given.command;
    const skipped = await skipReason(given, host);
    if (skipped !== undefined) {
      const stdout = `skipped, since ${skipped}`;
      return { changed: false, result: { cmd, rc: 0, stdout, stdout_lines: [stdout] } };
    }
    await requireNetns(host, given.netns);
    const start = new Date();
    const began = performance.now();
    const [program = '', ...args] = shellWords(cmd) ?? [];
    const { done, late } = await talk([program, ...args], given, host, context);
    if (done.status === 127 && done.stderr !== '') {
      const summary = `The command was not found or was not executable: ${program}.`;
      throw new OrchError({ code: 'command-failed', summary, detail: done.stderr.trim() });
    }
    const stdout = done.stdout.replace(lineEnds, '');
    const times = timesOf(start, performance.now() - began);
    const result = { cmd, rc: done.status, stdout, stdout_lines: lines(stdout), ...times };
    if (done.status === 0) return { changed: true, result };
    return { changed: true, failed: true, message: late ? 'command exceeded timeout' : 'non-zero return code', result };
  },
});
