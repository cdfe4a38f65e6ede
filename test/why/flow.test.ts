import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { flow, flowList } from '../../controller/reach/why/seen/flow.ts';

const unsafe = { tag: '!unsafe', resolve: (text: string) => text };
/** As those read it who paste a mend: YAML 1.1, in which more words are something else. */
const read = (yaml: string): unknown => parse(yaml, { version: '1.1', customTags: [unsafe] });

/** Words that YAML takes for something else, and what a mend often says. */
const words = fc.oneof(
  fc.constantFrom(
    'null',
    'yes',
    'Off',
    'n',
    '0144',
    '007',
    '0x10',
    '1_0',
    '1e3',
    '.5',
    '-1',
    '+2',
    '12:30:45',
    '1:2:3:4:5:6:7:8',
  ),
  fc.constantFrom(
    '10.2.0.0/24',
    'fd00::/64',
    '::/0',
    '02:00:00:00:01:01',
    'net.ipv4.conf.eth0/10.rp_filter',
    'a: b',
    'a #b',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'09ae:./- {}%#\u0085\u2028\ufeff\u007f'), maxLength: 8 }),
);

/** A number in its usual form is given as it is: a module reads it as either. */
const expected = (word: string): unknown => (/^(?:0|[1-9]\d{0,9})$/.test(word) ? Number(word) : word);

test('a word is read as what it is', () => {
  fc.assert(
    fc.property(words, (word) => {
      expect(read(`key: ${flow(word)}\n`)).toEqual({ key: expected(word) });
      expect(read(`key: ${flowList(word, 'next').yaml}\n`)).toEqual({ key: [expected(word), 'next'] });
    }),
    { numRuns: 2000 },
  );
});
