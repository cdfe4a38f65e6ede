import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { OrchError } from '../../../proto/errors.ts';
import type { Secret } from '../types.ts';

interface Asking {
  readonly echo?: boolean;
  /** What to do where there is no terminal. */
  readonly instead?: string;
}

let last: Promise<unknown> = Promise.resolve();

/** True when a person can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * A secret that is asked for on the terminal, without echo, at most once; questions come one after another. `instead`: what to
 * do where there is no terminal.
 */
export function askedSecret(question: string, instead: string): Secret {
  let answer: Promise<string> | undefined;
  return () => {
    answer ??= last.then(() => ask(question, { instead }));
    last = answer.catch(() => {});
    return answer;
  };
}

/** Asks a person at the terminal; with `echo` the answer is seen while it is typed. Rejects with OrchError where nobody answers. */
export function askedText(question: string, echo: boolean): Promise<string> {
  const answer = last.then(() => ask(question, { echo }));
  last = answer.catch(() => {});
  return answer;
}

async function ask(question: string, { echo = false, instead }: Asking): Promise<string> {
  if (!canAsk()) {
    const given = process.stdin.isTTY === true ? undefined : await lineWithin(question);
    if (given !== undefined) return given;
    throw new OrchError({
      code: 'invalid-option',
      summary: `There is no terminal to ask for the ${question}.`,
      hint: instead,
    });
  }
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: echo ? process.stderr : mute, terminal: true });
  // Only now: the terminal must not echo when a person sees the question.
  if (!echo) process.stderr.write(`${question}: `);
  return new Promise<string>((resolve, reject) => {
    terminal.question(echo ? `${question}: ` : '', resolve);
    terminal.on('close', () => reject(new Error('no answer')));
    // In raw mode Ctrl-C is a key like others: it must end the program, not only the question.
    terminal.on('SIGINT', () => {
      terminal.close();
      process.kill(process.pid, 'SIGINT');
    });
  }).finally(() => {
    terminal.close();
    if (!echo) process.stderr.write('\n');
  });
}

let lines: AsyncIterator<string> | undefined;

/** Milliseconds that what stands for a terminal may be silent. */
const patienceMs = 30_000;

/** The next line of what is no terminal (`echo SECRET | orch ...`), as Ansible reads secrets there; undefined when none comes. */
async function lineWithin(question: string): Promise<string | undefined> {
  process.stderr.write(`${question}: `);
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  const line = await Promise.race([lines.next().then(({ value, done }) => (done === true ? undefined : value)), late]);
  clearTimeout(timer);
  process.stderr.write('\n');
  return line;
}

/** Asks on stdout, and gives the next line of stdin, whoever writes it; undefined at its end. */
export async function askLine(question: string): Promise<string | undefined> {
  process.stdout.write(`\n${question}`);
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (process.stdin.isTTY !== true) process.stdout.write('\n');
  return done === true ? undefined : value;
}
