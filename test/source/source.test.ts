import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { errorText } from '../../controller/report/error-text.ts';
import { loadToml } from '../../controller/source/load-toml.ts';
import { loadYaml } from '../../controller/source/load-yaml.ts';
import type { Path } from '../../controller/source/located.ts';
import { joinedText } from '../../controller/source/origins.ts';
import { dataKeys } from '../../controller/template/python/mapping.ts';
import { Moment } from '../../controller/template/python/moment.ts';
import { OrchError } from '../../proto/errors.ts';
import { exactJson, readDataJson, readExactJson } from '../../proto/exact-json.ts';
import { Float } from '../../proto/float.ts';

function cases<T>(file: string): (T & { name: string; yaml: string })[] {
  return parse(readFileSync(join(import.meta.dirname, file), 'utf8'));
}

test.each(cases<{ value: unknown }>('data.yml'))('data: $name', ({ yaml, value }) => {
  const { documents, errors } = loadYaml(yaml, 'f.yml');
  expect(errors).toEqual([]);
  expect(documents[0]?.value).toEqual(value);
});

test('TOML tells floats from whole numbers', () => {
  const { value } = loadToml('a = 2.0\nb = 2\nc = 1.5\nd = 9007199254740993\n', 'f.toml');
  expect(value).toEqual({ a: Float.of(2), b: 2, c: 1.5, d: 9007199254740993n });
});

test.each([
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-1_000_000_000_000_000_000_000', -1_000_000_000_000_000_000_000n],
  ['0xffffffffffffffff', 0xffff_ffff_ffff_ffffn],
  ['-0777777777777777777777777', -0o777_777_777_777_777_777_777_777n],
  [`0b${'1'.repeat(64)}`, 0xffff_ffff_ffff_ffffn],
  ['{"a": 18446744073709551615}', { a: 18_446_744_073_709_551_615n }],
  ['!!int 18446744073709551615', 18_446_744_073_709_551_615n],
])('%s is exact', (yaml, value) => {
  expect(loadYaml(yaml, 'f.yml').documents[0]?.value).toEqual(value);
});

test.each([
  ['2026-11-28', '2026-11-28', '2026-11-28'],
  ['2026-11-28 10:11:12', '2026-11-28 10:11:12', '2026-11-28T10:11:12'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14 21:59:43.100000-05:00', '2001-12-14T21:59:43.100000-05:00'],
  ['2026-1-2 3:04:05 Z', '2026-01-02 03:04:05+00:00', '2026-01-02T03:04:05+00:00'],
  ['!!timestamp "0001-01-01"', '0001-01-01', '0001-01-01'],
])('%s is a date, which prints as %s and is %s in JSON', (yaml, printed, json) => {
  const value = loadYaml(yaml, 'f.yml').documents[0]?.value;
  expect(value).toBeInstanceOf(Moment);
  expect(String(value)).toBe(printed);
  expect(JSON.stringify(value)).toBe(`"${json}"`);
});

test.each([
  ['2.0', '2.0'],
  ['1.', '1.0'],
  ['1.5e+3', '1500.0'],
  ['-0.0', '-0.0'],
  ['!!float 3', '3.0'],
])('%s is a float, which prints as %s and is a number in JSON', (yaml, printed) => {
  const value = loadYaml(yaml, 'f.yml').documents[0]?.value;
  expect(value).toBeInstanceOf(Float);
  expect(String(value)).toBe(printed);
  expect(JSON.stringify(value)).toBe(String(Number(printed) + 0));
});

test.each([
  '{"a":18446744073709551615,"b":[-12345678901234567890,1.5,12,9007199254740991]}',
  '["12345678901234567890","\\"12345678901234567890",0.1234567890123456,[1e+30]]',
  '9007199254740993',
])('JSON keeps its digits: %s', (json) => {
  expect(exactJson(readExactJson(json))).toBe(json);
});

test('keys stay in the order in which they were written, also those like numbers', () => {
  const keys = (yaml: string) => dataKeys(loadYaml(yaml, 'f.yml').documents[0]?.value as object);
  expect(keys('{b: 1, "1": 2, a: 3, 0: 4}')).toEqual(['b', '1', 'a', 0]);
  expect(keys('{"10": 1, a: 2, "2": 3}')).toEqual(['10', 'a', '2']);
});

test('JSON of results keeps its floats', () => {
  const json = '{"a":2.0,"b":[-0.0,1.5,"1.0",12345678901234567890],"c":1e+22}';
  expect(exactJson(readDataJson(json))).toBe(json);
  expect(readExactJson(json)).toMatchObject({ a: 2, b: [-0, 1.5, '1.0', 12_345_678_901_234_567_890n] });
});

test('JSON of results has strings with any number of escapes', () => {
  const value = { a: '\\', b: '\\"1.0,', c: ',2.5\n'.repeat(4_000_000) };
  expect(readDataJson(`{"f":1.0,${JSON.stringify(value).slice(1)}`)).toMatchObject(value);
  expect(() => readDataJson('{"f":1.0,"a":"')).toThrow('JSON');
});

test.each(cases<{ errors: string }>('errors.yml'))('errors: $name', ({ yaml, errors }) => {
  const loaded = loadYaml(yaml, 'f.yml');
  expect(`${loaded.errors.map(errorText).join('\n')}\n`).toBe(errors);
  expect(loaded.documents).toEqual([]);
});

test.each(cases<{ path: Path; at?: [number, number]; part?: 'key' }>('places.yml'))(
  'places: $name',
  ({ yaml, path, at, part }) => {
    const mark = yaml.indexOf('^');
    const before = yaml.slice(0, mark).split('\n');
    const { documents } = loadYaml(yaml.replace('^', ''), 'f.yml');
    const origin = documents[0]?.origin;
    const place = at ? origin?.placeInText(path, ...at) : origin?.place(path, part);
    expect([place?.line, place?.column]).toEqual([before.length, (before.at(-1)?.length ?? 0) + 1]);
  },
);

test('a hostile key is only a key', () => {
  const { documents } = loadYaml('__proto__: {polluted: 1}\nconstructor: 2\n', 'f.yml');
  const value = documents[0]?.value as Record<string, unknown>;
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('several documents', () => {
  expect(loadYaml('a\n---\nb\n', 'f.yml').documents.map((document) => document.value)).toEqual(['a', 'b']);
});

test('aliases cannot grow without end, nor nesting', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  const bomb = loadYaml(lines.join('\n'), 'f.yml');
  expect(bomb.errors.map((error) => error.summary)).toEqual(['the aliases of this file expand to too much data']);
  const deep = loadYaml('['.repeat(20_000), 'f.yml');
  expect(deep.errors.map((error) => error.summary)).toEqual(['the file is nested too deeply']);
});

test.each([
  ['- ', ''],
  ['{a: ', '}'],
  ['[', ']'],
])('levels of %s are refused before they exhaust the stack, which may end the process', (open, close) => {
  const nested = (levels: number) => loadYaml(open.repeat(levels) + close.repeat(levels), 'f.yml').errors;
  for (const levels of [400, 3000, 20_000]) {
    expect(nested(levels).map((error) => error.summary)).toEqual(['the file is nested too deeply']);
  }
  expect(nested(200)).toEqual([]);
});

test('no text makes it throw', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '\t',
    '{{',
    '}}',
    '{',
    '[',
    ']',
    ',',
    '"',
    "'",
    '&a',
    '*a',
    '|',
    '>',
    '#',
    '<<',
    '? ',
    '---',
    '!!',
    '%',
    '\r',
    '\0',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (yaml) => {
      const { documents, errors } = loadYaml(yaml, 'f.yml');
      if (errors.length > 0) expect(documents).toEqual([]);
      for (const error of errors) {
        expect(error).toBeInstanceOf(OrchError);
        expect(error.where).toHaveProperty('line');
      }
    }),
    { numRuns: 500 },
  );
});

test('every visible character of a text is found where it stands', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcxyz0189{}"\'\\:#|>-'), minLength: 1, maxLength: 8 });
  const value = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
  fc.assert(
    fc.property(value, style, (text, type) => {
      const yaml = stringify({ a: [text] }, { defaultStringType: type as 'PLAIN', lineWidth: 20 });
      const document = loadYaml(yaml, 'f.yml').documents[0];
      // The writer folds some texts wrongly.
      fc.pre(JSON.stringify(document?.value) === JSON.stringify({ a: [text] }));
      const origin = document?.origin;
      const lines = yaml.split('\n');
      for (const [index, character] of [...text].entries()) {
        if (character === ' ') continue;
        const place = origin?.placeInText(['a', 0], 1, index + 1);
        const found = lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1);
        const escaped = found?.startsWith('\\') ? found[1] : undefined;
        expect([found?.[0], escaped]).toContain(character);
      }
    }),
    { numRuns: 300 },
  );
});

test('texts joined to one keep their places', () => {
  const { documents } = loadYaml("hosts:\n  - web\n  - 'lbb'\n", 'f.yml');
  const origin = documents[0]?.origin;
  if (!origin) throw new Error('no document');
  const part = (value: string, index: number) => ({ value, origin, path: ['hosts', index] });
  const joined = joinedText([part('web', 0), part('lbb', 1)], ',');
  expect(joined.value).toBe('web,lbb');
  expect(joined.origin.placeInText([], 1, 1)).toMatchObject({ line: 2, column: 5 });
  expect(joined.origin.placeInText([], 1, 5)).toMatchObject({ line: 3, column: 6 });
});
