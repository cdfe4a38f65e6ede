import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createNarrator } from '../../controller/report/run/narrator.ts';
import { createPrinter } from '../../controller/report/run/printer.ts';
import { createStyle } from '../../controller/report/style.ts';
import type { RunEvent } from '../../controller/report/types.ts';
import { plainTerminal } from './plain-terminal.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A screen that knows the three sequences the live view uses; lines are reflowed to its width as terminals do. */
function createScreen() {
  let lines: string[] = [''];
  const screen = {
    columns: 60,
    write: (text: string) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal reads them.
      for (const part of text.split(/(\u001b\[\d*[AJ]|\r|\n)/)) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal reads them.
        const up = /^\u001b\[(\d+)A$/.exec(part);
        if (up) {
          for (let rows = Number(up[1]); rows > 0; ) {
            lines.pop();
            rows -= Math.max(1, Math.ceil((lines.at(-1) ?? '').length / screen.columns));
          }
          lines[lines.length - 1] = '';
        } else if (part === '\n') lines.push('');
        else if (part !== '\r' && !part.startsWith('\u001b')) lines[lines.length - 1] += part;
      }
    },
    text: () => lines.join('\n'),
    clear: () => {
      lines = [''];
    },
  };
  return screen;
}

const at = { file: 'lab.yml', line: 3, column: 5 };
const start: RunEvent = {
  type: 'run-start',
  run: 'r',
  lab: 'seed',
  playbook: 'lab.yml',
  inventory: 'hosts.yml',
  hosts: ['vm01', 'vm02'],
  check: false,
};
const play: RunEvent = { type: 'play-start', play: 'p', hosts: ['vm01', 'vm02'] };
const begin = (host: string, task: string): RunEvent => ({ type: 'task-start', host, play: 'p', task, module: 'm' });
const done = (host: string, task: string): RunEvent => ({
  type: 'task-done',
  host,
  play: 'p',
  task,
  module: 'm',
  status: 'ok',
  durationMs: 1,
  at,
});

test('the live lines leave the scrollback clean, also after a resize', () => {
  const screen = createScreen();
  const terminal = plainTerminal(screen.write, { columns: () => screen.columns, live: true });
  const print = createPrinter({ output: 'text', verbosity: 0, terminal });
  for (const event of [start, play, begin('vm01', 'slow'), begin('vm02', 'also slow')]) print(event);
  vi.advanceTimersByTime(2000);
  expect(screen.text()).toContain(
    '\n1.93 s  connected to 0 of 2 hosts  0 done, 0 changed, 0 fa…\n  vm01  slow  1.93 s\n',
  );
  screen.columns = 20;
  vi.advanceTimersByTime(1000);
  expect(screen.text().match(/vm01/g)).toHaveLength(1);
  for (const host of ['vm01', 'vm02']) print(done(host, 'slow'));
  vi.advanceTimersByTime(1000);
  print({
    type: 'run-end',
    report: {
      version: 1,
      lab: 'seed',
      run: 'r',
      playbook: 'lab.yml',
      inventory: 'hosts.yml',
      check: false,
      startedAt: '',
      durationMs: 5000,
      exit: 0,
      hosts: {},
      failures: {},
      tasks: [],
      reach: [],
    },
  });
  vi.advanceTimersByTime(1000);
  expect(screen.text()).toMatch(
    /^lab seed: .*\n\nPLAY \[p\] \*+\n\nTASK \[slow\] \*+\nok: \[vm01\]\nok: \[vm02\]\n\nPLAY/,
  );
  expect(screen.text()).not.toContain('done,');
});

test('nothing is drawn while somebody types', () => {
  const screen = createScreen();
  const terminal = plainTerminal(screen.write, { columns: () => screen.columns, live: true });
  const print = createPrinter({ output: 'text', verbosity: 0, terminal });
  for (const event of [start, play, begin('vm01', 'pause')]) print(event);
  vi.advanceTimersByTime(2000);
  print({ type: 'task-says', host: 'vm01', play: 'p', task: 'pause', at, text: 'Who:' });
  print({ type: 'typing', begins: true });
  screen.write('bo');
  vi.advanceTimersByTime(2000);
  screen.write('b\n');
  expect(screen.text()).toMatch(/PLAY \[p\] \*+\n\nTASK \[pause\] \*+\nWho:\nbob\n$/);
  print({ type: 'typing', begins: false });
  vi.advanceTimersByTime(1000);
  expect(screen.text()).toMatch(/\nWho:\nbob\n\d\.\d+ s /);
});

test('results of one task stand together; a slow host holds the others back for a second only', () => {
  let text = '';
  const narrator = createNarrator({
    write: (more) => {
      text += more;
    },
    style: createStyle(false),
    detail: { verbosity: 0 },
  });
  for (const event of [play, done('vm01', 'A'), done('vm01', 'B'), done('vm02', 'A')]) narrator.tell(event);
  expect(text).toMatch(/TASK \[A\] \*+\nok: \[vm01\]\nok: \[vm02\]\n$/);
  vi.advanceTimersByTime(1000);
  expect(text).toMatch(/TASK \[B\] \*+\nok: \[vm01\]\n$/);
  narrator.tell(done('vm02', 'B'));
  expect(text).toMatch(/TASK \[B\] \*+\nok: \[vm01\]\nok: \[vm02\]\n$/);
});

test('a log tells where things stand when nothing else was said for a while', () => {
  let text = '';
  const terminal = plainTerminal((more) => {
    text += more;
  });
  const print = createPrinter({ output: 'text', verbosity: 0, terminal });
  print(start);
  text = '';
  vi.advanceTimersByTime(2_999);
  expect(text).toBe('');
  vi.advanceTimersByTime(1);
  expect(text).toBe('... 3.00 s  connected to 0 of 2 hosts  0 done, 0 changed, 0 failed\n');
  for (const event of [play, begin('vm01', 'slow')]) print(event);
  text = '';
  vi.advanceTimersByTime(3_000);
  expect(text).toBe('... 6.00 s  connected to 0 of 2 hosts  0 done, 0 changed, 0 failed\n  vm01  slow  3.00 s\n');
  vi.advanceTimersByTime(20_000);
  expect(text.match(/slow/g)).toHaveLength(3);
  print({ type: 'task-output', host: 'vm01', task: 'slow', text: 'x'.repeat(100_000), stderr: false });
  text = '';
  vi.advanceTimersByTime(10_000);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(160);
});

test.each([
  [true, '\nvm01 | one\nvm01 | two\n'],
  [false, ''],
])('-v tells what a program prints while it runs, on a terminal (%s): its result tells it again', (live, told) => {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const terminal = plainTerminal(write, { live });
  const print = createPrinter({ output: 'text', verbosity: 1, terminal });
  for (const event of [start, play]) print(event);
  text = '\n';
  print({ type: 'task-output', host: 'vm01', task: 'slow', text: 'one\ntwo\n', stderr: false });
  expect(text).toBe(told === '' ? '\n' : told);
});

test('json prints the report and nothing else', () => {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const terminal = plainTerminal(write, { color: true, live: true });
  const print = createPrinter({ output: 'json', verbosity: 3, terminal });
  for (const event of [start, play, begin('vm01', 'A'), done('vm01', 'A')]) print(event);
  vi.advanceTimersByTime(5000);
  expect(text).toBe('');
});
