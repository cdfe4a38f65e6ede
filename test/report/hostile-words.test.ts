import { expect, test } from 'vitest';
import { errorText } from '../../controller/report/error-text.ts';
import { createPrinter } from '../../controller/report/run/printer.ts';
import { recapText } from '../../controller/report/run/recap.ts';
import { createStyle } from '../../controller/report/style.ts';
import type { Failure, RunEvent, RunReport } from '../../controller/report/types.ts';
import { OrchError } from '../../proto/errors.ts';
import { plainTerminal } from './plain-terminal.ts';

// What a terminal would obey, and lines that read as others'.
const words = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u061c\b\r\nok: [vm01]\nPLAY RECAP';
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must never be printed.
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const forged = /^(ok: \[vm01\]|PLAY RECAP)/m;

const at = { file: `lab${words}.yml`, line: 4, column: 7 };
const failure: Failure = { code: 'task-failed', summary: words, detail: words, hint: words, task: words, at };
const change = { before: `a${words}`, after: `b${words}`, path: words, afterPath: words, prepared: words };
const record = {
  ...{ host: 'vm02', play: words, task: words, module: 'command', durationMs: 1, at, message: words },
  ...{ warnings: [words], deprecations: [words], args: { [words]: words }, result: { msg: words, [words]: [words] } },
};
const events: readonly RunEvent[] = [
  { type: 'run-start', run: 'r', lab: words, playbook: words, inventory: words, hosts: ['vm02'], check: false },
  { type: 'play-start', play: words, hosts: ['vm02'] },
  { type: 'task-output', host: 'vm02', task: words, stderr: false, text: words },
  { type: 'task-done', ...record, status: 'failed' },
  { type: 'warning', host: 'vm02', message: words },
  { type: 'host-failed', host: 'vm02', failure },
];

test.each([0, 1, 2, 3])('what hosts say is shown at -v %s and obeyed by no terminal', (verbosity) => {
  let text = '';
  const terminal = plainTerminal((more) => {
    text += more;
  });
  const print = createPrinter({ output: 'text', verbosity, terminal });
  for (const event of events) print(event);
  print({ type: 'task-done', ...record, host: 'vm03', status: 'changed', diff: change });
  expect(text).not.toMatch(obeyed);
});

test('in the list of failures no line of theirs begins as another message does', () => {
  const counts = { ok: 0, changed: 0, failed: 1, skipped: 0, unreachable: 0, rescued: 0, ignored: 0 };
  const report = {
    ...{ version: 1, lab: 'x', run: 'r', playbook: 'p', inventory: 'i', check: false, exit: 2, durationMs: 1 },
    ...{ startedAt: '', hosts: { vm02: counts }, failures: { vm02: failure }, tasks: [], reach: [], stats: {} },
  } as unknown as RunReport;
  const text = recapText(report, createStyle(false));
  expect(text).not.toMatch(obeyed);
  expect(text.replace('PLAY RECAP', '')).not.toMatch(forged);
});

test.each([{ host: words, task: words }, { ...at, excerpt: words.replaceAll('\n', '') }, undefined])(
  'nor in an error',
  (where) => {
    const error = new OrchError({ code: 'task-failed', summary: words, detail: words, hint: words, where });
    const text = errorText(error);
    expect(text).not.toMatch(obeyed);
    expect(text).not.toMatch(forged);
  },
);
