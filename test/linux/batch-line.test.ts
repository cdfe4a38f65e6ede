import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchLine } from '../../agent/linux/ip/batch-line.ts';

/** iproute2's own way to split a line (lib/utils.c: getcmdline, makeargs). */
function split(line: string): string[] {
  let rest = line.replaceAll('\\\n', '');
  const comment = rest.indexOf('#');
  if (comment >= 0) rest = rest.slice(0, comment);
  const words: string[] = [];
  for (;;) {
    rest = rest.replace(/^[ \t\r\n]+/, '');
    if (rest === '') return words;
    const quote = rest[0] === "'" || rest[0] === '"' ? rest[0] : undefined;
    const end = quote === undefined ? rest.search(/[ \t\r\n]|$/) : rest.indexOf(quote, 1);
    if (end < 0) throw new Error('unterminated');
    words.push(rest.slice(quote === undefined ? 0 : 1, end));
    rest = rest.slice(end + 1);
  }
}

test.each([
  [['link', 'show', 'dev', 'ns1'], 'link show dev ns1 \n'],
  [['a b'], '"a b" \n'],
  [[''], '"" \n'],
  [['"x'], "'\"x' \n"],
  [['$(reboot)'], '$(reboot) \n'],
  [['a\\'], 'a\\ \n'],
])('%j', (args, line) => {
  expect(batchLine(args)).toBe(line);
});

test.each([[[]], [['a#b']], [['a\nb']], [['a\rb']], [['a\0b']], [[`'"`]], [['it\'s "so"']], [Array(501).fill('x')]])(
  'no line for %j',
  (args) => expect(batchLine(args)).toBeUndefined(),
);

test('a line is split back into the same arguments', () => {
  const arg = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\t', '"', "'", '\\', '#', '\n', '$', '`', ';') });
  fc.assert(
    fc.property(fc.array(arg, { minLength: 1, maxLength: 6 }), (args) => {
      const line = batchLine(args);
      if (line !== undefined) expect(split(line)).toEqual(args);
    }),
  );
});
