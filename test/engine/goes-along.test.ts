import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import { alongWithNamespaces } from '../../agent/engine/undo/goes-along.ts';
import type { Action } from '../../agent/linux/action.ts';

function ip(netns: string | undefined, words: string): Action {
  return { op: 'ip', netns, args: words.split(' ') };
}

/** What goes along with the removal of w1, when this is undone before it. */
function along(...undo: readonly (readonly Action[])[]): string[] {
  const all = [...undo, [{ op: 'netns-delete', name: 'w1' } as const]];
  const entries = all.map((actions, at): LedgerEntry => {
    return { seq: all.length - at, run: 'r', object: `${at}`, undo: actions, removes: false, state: 'done', boot: 'b' };
  });
  return [...alongWithNamespaces(entries).values()].flat().map(({ object }) => object);
}

test('what was set in the namespace', () => {
  const set = [
    'address delete 10.0.0.1/24 dev eth0',
    'route delete default',
    '-6 rule delete pref 9',
    'link set dev eth0 down',
  ];
  expect(
    along(...set.map((words) => [ip('w1', words)]), [{ op: 'sysctl', netns: 'w1', key: 'k', value: '0' }]),
  ).toEqual(['0', '1', '2', '3', '4']);
});

test('no links, nor what was set elsewhere, run or kept on disk', () => {
  const others: Action[][] = [
    [ip('w1', 'link delete dev eth0')],
    [ip('w1', 'link set dev eth0 mtu 1400')],
    [ip('w1', 'link set dev eth0 name eth1')],
    [ip('w2', 'route delete default')],
    [ip(undefined, 'route delete default')],
    [ip('w1', 'route delete default'), ip('w2', 'route delete default')],
    [{ op: 'daemon-remove', netns: 'w1', name: 'd' }],
    [{ op: 'exec', command: { argv: ['true'], netns: 'w1' } }],
    [{ op: 'file', file: { do: 'unlink', path: '/x' } }],
    [],
  ];
  expect(along(...others)).toEqual([]);
});

test('nothing where a link leaves the namespace, and would keep what was set', () => {
  expect(along([ip('w1', 'link set dev ens4 down')], [ip('w1', 'link set dev ens4 netns w2')])).toEqual([]);
  expect(along([ip('w2', 'link set dev ens4 netns w1')], [ip('w1', 'link set dev ens4 down')])).toEqual([]);
});
