import { expect, test } from 'vitest';
import { type LedgerEntry, takesAway } from '../../agent/engine/books/ledger-entry.ts';

const common = { seq: 1, run: 'r', object: 'x', removes: false, state: 'done', boot: 'b' } as const;
const ip = (words: string) => ({ op: 'ip', args: words.split(' ') }) as const;
/** Whether an entry with this inverse takes away what the words bring. */
const takes = (inverse: string, brought: string) => {
  const entry: LedgerEntry = { ...common, undo: [ip('link set dev d1 down'), ip(inverse)] };
  return takesAway(entry, ip(brought));
};

test.each([
  [
    'route delete 10.9.0.0/16 dev d1 table main',
    'route add 10.9.0.0/16 dev d1 table main scope link src 10.1.0.1',
    true,
  ],
  [
    'route delete 10.9.0.0/16 dev d1 table main',
    'route add 10.9.0.0/16 dev d2 table main scope link src 10.1.0.1',
    false,
  ],
  ['route delete 10.9.0.0/16 via 10.0.0.9 table main', 'route add 10.9.0.0/16 via 10.0.0.9 dev d1 table main', true],
  ['route delete blackhole 10.9.0.0/16 table main', 'route add 10.9.0.0/16 dev d1 table main', false],
  [
    '-6 route delete fd09::/64 dev d1 table main metric 1024',
    '-6 route add fd09::/64 dev d1 table main pref low',
    true,
  ],
  ['-6 route replace fd09::/64 dev d2 table main', '-6 route add fd09::/64 dev d1 table main', true],
  ['route append 10.9.0.0/16 dev d1 table main', 'route add 10.9.0.0/16 dev d1 table main', false],
  ['address delete 10.0.0.1/24 dev d1', 'address add 10.0.0.1/24 dev d1 broadcast 10.0.0.255', true],
  ['address delete 10.0.0.2/24 dev d1', 'address add 10.0.0.1/24 dev d1', false],
  ['neighbour delete 10.0.0.9 dev d1', 'neighbour add 10.0.0.9 lladdr 02:00:00:00:00:01 dev d1 nud permanent', true],
  ['neighbour delete 10.0.0.9 dev d1', 'neighbour add proxy 10.0.0.9 dev d1', false],
  [
    'neighbour replace 10.0.0.9 lladdr 02:00:00:00:00:02 dev d1',
    'neighbour add 10.0.0.9 lladdr 02:00:00:00:00:01 dev d1',
    true,
  ],
  ['neighbour replace fd00::50 lladdr 02:00:00:00:00:02 dev d9', 'neighbour add fd00::50 dev l0', false],
  ['route replace 0.0.0.0/0 dev d1 table 100', 'route add 0.0.0.0/0 dev d2 table main', false],
] as const)('%s, %s: %s', (inverse, brought, isTaken) => {
  expect(takes(inverse, brought)).toBe(isTaken);
});
