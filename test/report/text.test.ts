import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CleanPieces, clean, cleanLine, safeJson } from '../../controller/report/clean.ts';
import { diffLines, diffText } from '../../controller/report/diff.ts';
import { duration, nameList } from '../../controller/report/format.ts';
import { matrixText } from '../../controller/report/run/matrix-text.ts';
import { foldLines } from '../../controller/report/run/task-lines.ts';
import { runSummary, runsText } from '../../controller/report/runs-text.ts';
import { createStyle } from '../../controller/report/style.ts';
import { terminalOf } from '../../controller/report/terminal.ts';
import type { ReachCell } from '../../controller/report/types.ts';
import { cut, pad, width } from '../../controller/report/width.ts';
import { Float } from '../../proto/float.ts';

const plain = createStyle(false);
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must never be printed.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;

describe('text from outside', () => {
  test('no control character is left', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !control.test(clean(text))));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\n\t]/.test(cleanLine(text))));
  });

  test('escape sequences go whole', () => {
    expect(clean('a\u001b[31mred\u001b]0;title\u0007\u009b2Jb')).toBe('aredb');
  });

  test('JSON means the same and is safe', () => {
    const values = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(safeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(safeJson(value)).not.toMatch(control);
      }),
    );
  });

  test('JSON that people read has floats as Python prints them', () => {
    const value = { half: Float.of(5), list: [Float.of(-0), 1, 1.5, Float.of(1e16)], text: '5.0' };
    expect(safeJson(value)).toBe('{"half":5.0,"list":[-0.0,1,1.5,1e+16],"text":"5.0"}');
  });
});

describe('columns', () => {
  test.each([
    ['ens34', 5],
    ['宿主机', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['🦀', 2],
  ])('%s takes %d', (text, columns) => {
    expect(width(text)).toBe(columns);
  });

  test('what is cut fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => width(cut(text, columns)) <= columns),
    );
    expect(cut('namespace', 5)).toBe('name…');
    expect(pad('宿', 4)).toBe('宿  ');
  });
});

describe('diff', () => {
  const side = (lines: readonly { mark: string; text: string }[], mark: string) =>
    lines.filter((line) => line.mark !== mark).map((line) => line.text);
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });

  test('both texts can be read out of it', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const lines = diffLines(before, after);
        expect(side(lines, '+')).toEqual(before);
        expect(side(lines, '-')).toEqual(after);
      }),
    );
  });

  test.each([
    ['the first of several alike', 'aa', 'ba', '+b  a -a'],
    ['the longest before what is longer in all', 'babcd', 'cabd', '-b +c  a  b -c  d'],
    ['of many lines none that stands everywhere', `${'x'.repeat(200)}b`, `a${'x'.repeat(200)}`, undefined],
  ])('shared lines are found as in Python: %s', (_, before, after, told) => {
    const lines = diffLines([...before], [...after]);
    if (told === undefined) expect(lines.every(({ mark }) => mark !== ' ')).toBe(true);
    else expect(lines.map(({ mark, text }) => `${mark}${text}`).join(' ')).toBe(told);
  });

  test('only what is near a change is shown', () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    const after = before.with(10, 'other');
    expect(diffText({ before: before.join('\n'), after: after.join('\n') }, plain).split('\n')).toEqual([
      '--- before',
      '+++ after',
      '@@ -8,7 +8,7 @@',
      ' line 7',
      ' line 8',
      ' line 9',
      '-line 10',
      '+other',
      ' line 11',
      ' line 12',
      ' line 13',
      '',
    ]);
    expect(diffText({ before: 'same\n', after: 'same\n' }, plain)).toBe('');
    const bare = ['--- before', '+++ after', '@@ -11 +11 @@', '-line 10', '+other', ''];
    expect(diffText({ before: before.join('\n'), after: after.join('\n') }, plain, 0).split('\n')).toEqual(bare);
  });

  test.each([
    ['', 'a\nb', ['--- before: /f', '+++ after: /g', '@@ -0,0 +1,2 @@', '+a', '+b', '\\ No newline at end of file']],
    ['a\n', '', ['--- before: /f', '+++ after: /g', '@@ -1 +0,0 @@', '-a']],
    ['a', 'a\n', ['--- before: /f', '+++ after: /g', '@@ -1 +1 @@', '-a', '\\ No newline at end of file', '+a']],
    [
      '0\n'.repeat(9),
      `x\n${'0\n'.repeat(9)}x\n`,
      [
        ...['--- before: /f', '+++ after: /g', '@@ -1,3 +1,4 @@', '+x', ' 0', ' 0', ' 0'],
        ...['@@ -7,3 +8,4 @@', ' 0', ' 0', ' 0', '+x'],
      ],
    ],
  ])('of files: %j, %j', (before, after, lines) => {
    expect(diffText({ before, after, path: '/f', afterPath: '/g' }, plain).split('\n')).toEqual([...lines, '']);
  });

  test('of several parts one stands behind the other', () => {
    const owner = { before: 'owner: a\n', after: 'owner: b\n', path: '/f (file attributes)' };
    const shown = diffText({ before: '', after: '', more: [{ ...owner, prepared: '(as it is)\n' }] }, plain);
    const parts = [
      '--- before: /f (file attributes)',
      '+++ after',
      '@@ -1 +1 @@',
      '-owner: a',
      '+owner: b',
      '',
      '(as it is)',
    ];
    expect(shown.split('\n')).toEqual(parts);
  });

  test('texts too long to compare are replaced whole', () => {
    const many = (prefix: string) => Array.from({ length: 3000 }, (_, i) => `${prefix}${i}`);
    expect(diffLines(many('a'), many('b'))).toHaveLength(6000);
  });
});

describe('many hosts', () => {
  const line = (host: string) => ({ host, status: 'ok' as const, tail: '', body: '' });

  test('equal outcomes share a line', () => {
    const hosts = Array.from({ length: 50 }, (_, i) => `vm${String(i + 1).padStart(2, '0')}`);
    const lines = [...hosts.map(line), { host: 'vm51', status: 'failed' as const, tail: ' => rc 1', body: '' }];
    expect(foldLines(lines, plain, 4)).toEqual([
      'ok: [vm01, vm02, vm03, vm04, vm05, vm06, vm07, vm08, ... vm50] (50 hosts)',
      'fatal: [vm51] => rc 1',
    ]);
  });

  test('a matrix of 50 endpoints stays in 100 columns', () => {
    const names = Array.from({ length: 50 }, (_, i) => `vm${String(i + 1).padStart(2, '0')}`);
    const cells = names.flatMap((from, i) =>
      names.flatMap((to, j): ReachCell[] =>
        i === j
          ? []
          : [
              {
                from,
                to,
                address: `10.0.0.${j + 1}`,
                expected: 'reached',
                observed: i === 3 ? 'unreachable' : 'reached',
                rttMs: null,
              },
            ],
      ),
    );
    const lines = matrixText(cells, 100, plain).split('\n');
    expect(Math.max(...lines.slice(0, 60).map(width))).toBeLessThanOrEqual(100);
    expect(lines).toContain(`vm04  ${'!'.repeat(3)} ${'!'.repeat(46)}`);
    expect(lines).toContain(`vm05  ${'.'.repeat(4)} ${'.'.repeat(45)}`);
    expect(lines.at(-2)).toBe('  ... and 25 cells more, all in report.json');
  });
});

test.each([
  [85.4, '85 ms'],
  [1240, '1.24 s'],
  [12_340, '12.3 s'],
  [123_000, '2 min 03 s'],
  [3_700_000, '1 h 01 min'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('long lists of names are cut', () => {
  expect(nameList(['a', 'b'])).toBe('a, b');
  expect(nameList(['a', 'b', 'c', 'd'], 3)).toBe('a, b and 2 more');
});

describe('terminal', () => {
  const tty = { write: () => true, isTTY: true, columns: 80, rows: 24 };
  const unsaid = { forceColor: false, noColor: false };
  test.each([
    [tty, {}, { color: true, live: true }],
    [{ write: () => true }, {}, { color: false, live: false }],
    [{ write: () => true }, { FORCE_COLOR: '1' }, { color: true, live: false }],
    [tty, { FORCE_COLOR: '0' }, { color: false, live: true }],
    [tty, { NO_COLOR: '1', FORCE_COLOR: '1' }, { color: false, live: false }],
    [tty, { TERM: 'dumb' }, { color: false, live: false }],
    [tty, { CI: 'true' }, { color: true, live: false }],
    [tty, {}, { color: false, live: true }, { noColor: true }],
    [{ write: () => true }, {}, { color: true, live: false }, { forceColor: true, noColor: true }],
    [{ write: () => true }, { FORCE_COLOR: '0' }, { color: false, live: false }, { forceColor: true }],
  ])('%# shows what it can', (stream, env, wanted, said: Partial<typeof unsaid> = {}) => {
    expect(terminalOf(stream, env, { ...unsaid, ...said })).toMatchObject(wanted);
  });
});

test('runs are listed in columns', () => {
  const counts = { ok: 3, changed: 2, failed: 0, skipped: 0, unreachable: 0, rescued: 0, ignored: 0 };
  const report = {
    version: 1,
    lab: 'seed',
    run: '20261124T064803.000Z-seed',
    playbook: 'lab.yml',
    inventory: 'hosts.yml',
    check: false,
    startedAt: '2026-11-24T06:48:03.000Z',
    durationMs: 1240,
    exit: 0,
    hosts: { vm01: counts, vm02: counts },
    failures: {},
    tasks: [],
    reach: [],
  } as const;
  expect(runsText([runSummary(report), runSummary({ ...report, exit: 3, check: true })], plain).split('\n')).toEqual([
    'RUN                        LAB   EXIT  HOSTS  CHANGED  TIME',
    '20261124T064803.000Z-seed  seed  0     2      4        1.24 s',
    '20261124T064803.000Z-seed  seed  3     2      (check)  1.24 s',
    '',
  ]);
  expect(runsText([], plain)).toBe('no runs recorded here\n');
});

test.each([
  ['an escape sequence', 'x \u001b[31mred\u001b[0m y', 'x red y'],
  ['a character set', 'x\u001b(B\u001b[my', 'xy'],
  ['a title', 'x\u001b]0;title\u0007y', 'xy'],
  ['a line break', 'line\r\nnext', 'line\nnext'],
  ['a character of several bytes', 'über', 'über'],
  ['an escape that is none', 'x\u001b', 'x\ufffd'],
])('a text is safe in whatever pieces it comes: %s', (_, text, safe) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at++) {
    const pieces = new CleanPieces();
    const said = pieces.add(bytes.subarray(0, at)) + pieces.add(bytes.subarray(at)) + pieces.end();
    expect(said, `broken off at ${at}`).toBe(safe);
  }
  const single = new CleanPieces();
  expect([...bytes].map((byte) => single.add(Buffer.of(byte))).join('') + single.end()).toBe(safe);
});
