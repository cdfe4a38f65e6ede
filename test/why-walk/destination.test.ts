import { expect, test } from 'vitest';
import { destinationIn } from '../../controller/reach/why/way/rewritten.ts';

// Rules as nft writes them, and where the way goes on.
test.each([
  ['ip daddr 10.2.0.2 dnat to 10.2.0.77', '10.2.0.77'],
  ['dnat ip6 to fd00::7', 'fd00::7'],
  ['dnat to 10.2.0.77 random', '10.2.0.77'],
  ['dnat to 10.2.0.77 fully-random', '10.2.0.77'],
  ['dnat ip6 to fd00::7 random,persistent', 'fd00::7'],
  ['dnat to 10.2.0.77 persistent comment "to a:b"', '10.2.0.77'],
  ['dnat to 10.2.0.77 comment "web"', '10.2.0.77'],
  ['tcp dport 80 dnat to 10.2.0.77:80 random', '10.2.0.77', 80],
  ['tcp dport 80 dnat ip6 to [fd00::7]:80', 'fd00::7', 80],
  ['dnat to 10.2.0.77-10.2.0.79 persistent', undefined],
  ['dnat to ip daddr map { 10.2.0.2 : 10.2.0.77 }', undefined],
  ['drop comment "dnat to 10.2.0.77"', undefined],
  ['redirect to :80', undefined],
])('%s', (rule, destination, port?: number) =>
  expect(destinationIn(rule)).toEqual(destination && { destination, ...(port && { port }) }),
);
