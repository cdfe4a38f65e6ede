import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Secret } from './types.ts';

let last: Promise<unknown> = Promise.resolve();

/** True when a person can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** A secret that is asked for on the terminal, without echo, at most once; questions come one after another. */
export function askedSecret(question: string): Secret {
  let answer: Promise<string> | undefined;
  return () => {
    answer ??= last.then(() => ask(question));
    last = answer.catch(() => {});
    return answer;
  };
}

function ask(question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: mute, terminal: true });
  return new Promise((resolve, reject) => {
    terminal.question('', resolve);
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    terminal.on('close', () => reject(new Error('no answer')));
  }).finally(() => {
    terminal.close();
    process.stderr.write('\n');
  }) as Promise<string>;
}
