import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import { BroughtBack } from '../../agent/engine/undo/brought-back.ts';
import { strayedLinks } from '../../agent/engine/undo/strayed-links.ts';
import { takeBack } from '../../agent/engine/undo/take-back.ts';
import { type Action, ownNetns } from '../../agent/linux/action.ts';
import { FakeHost } from './fake-host.ts';

type Row = Record<string, unknown>;

function entryOf(undo: readonly Action[], guard?: LedgerEntry['guard']): LedgerEntry {
  return { seq: 1, run: 'r', object: 'o', undo, removes: false, guard, state: 'done', boot: 'b' };
}

/** Links by other names in these namespaces, and which ones were asked. */
async function strayed(oldestFirst: readonly LedgerEntry[], now: Readonly<Record<string, readonly Row[]>>) {
  const asked: string[] = [];
  const ip = async (_: readonly string[], netns = '') => {
    asked.push(netns);
    return { rows: now[netns] ?? [], missing: false };
  };
  return { moves: await strayedLinks(oldestFirst, { ip }), asked };
}

const space = entryOf([{ op: 'netns-delete', name: 'ns1' }]);
const made = entryOf([{ op: 'ip', args: ['link', 'delete', 'dev', 'b'] }]);
const guard = { kind: 'link', link: { netns: 'ns1', name: 'b' }, index: 7 } as const;
const moved = entryOf([{ op: 'ip', netns: 'ns1', args: ['link', 'set', 'dev', 'b', 'netns', ownNetns] }], guard);

test('one that the lab moved, by its index', async () => {
  const now = {
    ns1: [
      { ifname: 'b', ifindex: 9 },
      { ifname: 'c', ifindex: 7 },
    ],
  };
  expect((await strayed([space, moved], now)).moves).toEqual([{ from: guard.link, to: { netns: 'ns1', name: 'c' } }]);
  expect((await strayed([space, moved], { ns1: [{ ifname: 'b', ifindex: 7 }] })).moves).toEqual([]);
});

test('one of the host although the lab has made another one of its name since', async () => {
  expect((await strayed([space, moved, made], { ns1: [{ ifname: 'c', ifindex: 7 }] })).moves).toHaveLength(1);
});

test('nothing is asked where the lab moved none of the host, whatever its namespaces hold', async () => {
  const now = { ns1: [{ ifname: 'c', ifindex: 7 }] };
  expect(await strayed([space], now)).toEqual({ moves: [], asked: [] });
  expect(await strayed([space, made, moved], now)).toEqual({ moves: [], asked: [] });
});

test('the undo is told as it is carried out', async () => {
  const host = new FakeHost({ netns: ['ns1'], links: { 'ns1/c': 7 } });
  const back = new BroughtBack();
  await back.look([space, moved], host);
  for (const check of [true, false])
    expect((await takeBack(moved, back, host, { check, putOff: [] })).what).toBe(
      `ip -n ns1 link set dev c netns ${ownNetns} name b`,
    );
});
