import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, compileExpression, compileFile } from '../../controller/template/compile.ts';
import { filterTable } from '../../controller/template/filters/table.ts';
import { allTests } from '../../controller/template/plugins.ts';
import { type Scope, type Template, TemplateError } from '../../controller/template/types.ts';
import { Float } from '../../proto/float.ts';

function scopeOf(vars: Readonly<Record<string, unknown>>): Scope {
  return { has: (name) => Object.hasOwn(vars, name), get: (name) => vars[name], names: () => Object.keys(vars) };
}

const pieces = fc.oneof(
  fc.constantFrom(
    ...['{{', '}}', '{%', '%}', '{#', '#}', '-', '+', '*', '**', '/', '//', '%', '~', '|', '.', ',', ':', '(', ')'],
    ...[
      '[',
      ']',
      '{',
      '}',
      '=',
      '==',
      '<',
      '>=',
      'in',
      'not',
      'and',
      'or',
      'is',
      'if',
      'else',
      'for',
      'endfor',
      'endif',
    ],
    ...[
      'set',
      'macro',
      'call',
      'include',
      'import',
      'from',
      'extends',
      'block',
      'endblock',
      'super',
      'self',
      'append',
      'update',
      'raw',
      'endraw',
      'loop',
      'range',
      'dict',
      'namespace',
      'lookup',
      'x',
      'l',
      'd',
      's',
      "'a'",
      '"b"',
    ],
    ...['0', '1', '2.5', '1e9', 'true', 'none', '[]', '{}', '()', ' ', '\n', '\\', 'constructor', '__proto__', 'items'],
  ),
  fc.constantFrom(...filterTable.keys()).map((name) => `|${name}`),
  fc.constantFrom(...allTests.keys()).map((name) => ` is ${name} `),
  fc.string({ maxLength: 3 }),
);
const texts = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(' '));

/** Plain data: what JSON has, long numbers and floats; without accessors, functions or prototypes of its own. */
function isPlain(value: unknown): boolean {
  if (value === null || ['string', 'boolean', 'number', 'bigint'].includes(typeof value) || value instanceof Float)
    return true;
  if (Array.isArray(value)) return Object.getPrototypeOf(value) === Array.prototype && value.every(isPlain);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
}

const makers: readonly [string, (text: string) => Template, (text: string) => string][] = [
  ['a text', compile, (text) => text],
  ['a printed expression', compile, (text) => `{{ ${text} }}`],
  ['a filtered value', compile, (text) => `{{ s ${text} }}`],
  ['an expression', compileExpression, (text) => text],
  ['a file', compileFile, (text) => `{% for i in l %}${text}{% endfor %}`],
];

test.each(makers)('%s gives plain data or a TemplateError, and leaves its variables alone', (_, make, wrap) => {
  const vars = { x: 5, s: 'text', l: [1, 'two', null, [3]], d: { a: 1, items: { b: [true] } } };
  const before = JSON.stringify(vars);
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(isPlain(make(wrap(text)).render({ scope: scopeOf(vars) }))).toBe(true);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        expect(error.line).toBeGreaterThan(0);
        expect(error.column).toBeGreaterThan(0);
        expect(wrap(text).split('\n').length).toBeGreaterThanOrEqual(error.line);
      }
      expect(JSON.stringify(vars)).toBe(before);
    }),
    { numRuns: 1500 },
  );
});

test('{{ x }} is x itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (x) => {
      expect(compile('{{ x }}').render({ scope: scopeOf({ x }) })).toBe(x);
    }),
  );
});

test('text without a tag is itself', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/\{[{%#]/.test(text)),
      (text) => {
        expect(compile(text).render({ scope: scopeOf({}) })).toBe(text);
      },
    ),
  );
});

test.each([
  ['{{ x | to_json | from_json }}'],
  ['{{ x | to_nice_json | from_json }}'],
  ['{{ x | to_yaml | from_yaml }}'],
  ['{{ x | to_nice_yaml | from_yaml }}'],
  ['{{ x | to_yaml(default_flow_style=true) | from_yaml }}'],
])('%s is x again', (text) => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('-0'));
  fc.assert(
    fc.property(json, (x) => {
      const again = compile(text).render({ scope: scopeOf({ x }) });
      expect(sortedJson(again)).toBe(sortedJson(x));
    }),
    { numRuns: 300 },
  );
});

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof inner === 'bigint'
        ? Number(inner)
        : inner,
  );
}

test('base64, shell and regular expression quoting keep any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (x) => {
      const scope = scopeOf({ x });
      expect(compileExpression('x | b64encode | b64decode == x').render({ scope })).toBe(true);
      expect(compileExpression("x is match(x | regex_escape ~ '\\\\Z')").render({ scope })).toBe(true);
      expect(compileExpression('(x | quote).startswith("\'") or x | quote == x').render({ scope })).toBe(true);
    }),
  );
});
