import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/ledger-entry.ts';
import { keyed } from '../../agent/engine/snapshot/keys.ts';
import type { HostState } from '../../agent/engine/snapshot/state.ts';
import { strayedLinks } from '../../agent/engine/strayed-links.ts';
import { type Action, ownNetns } from '../../agent/linux/action.ts';

type Row = Record<string, unknown>;

function virtual(ifname: string, address: string): Row {
  return { ifname, address, link_type: 'ether', linkinfo: { info_kind: 'veth' } };
}

const physical = { ifname: 'eth1', address: '02:00:00:00:00:01', link_type: 'ether' };
const [a, b] = [virtual('a', '02:00:00:00:00:0a'), virtual('b', '02:00:00:00:00:0b')];

/** Where links are that were on the host, once they are so in namespaces ("" is the host's own). */
function strayed(undo: readonly Action[], now: Readonly<Record<string, readonly Row[]>>, guard?: LedgerEntry['guard']) {
  const entry = { seq: 1, run: 'r', object: 'o', undo, removes: false, guard, state: 'done', boot: 'b' } as const;
  const links = keyed('links', [physical, a, b]);
  const before = { '': { items: { links }, unread: {} } } as unknown as HostState;
  const asked: string[] = [];
  const ip = async (_: readonly string[], netns = '') => {
    asked.push(netns);
    return { rows: now[netns] ?? [], missing: false };
  };
  return strayedLinks([entry], before, { ip }).then((found) => ({ ...found, asked }));
}

const removal = [{ op: 'netns-delete', name: 'ns1' }] as const;

test('a virtual link of the host, by whatever name it is in a namespace that is removed', async () => {
  const now = { '': [physical, a], ns1: [{ ifname: 'lo' }, { ...b, ifname: 'c' }] };
  expect(await strayed(removal, now)).toMatchObject({
    inside: [{ from: { netns: 'ns1', name: 'c' }, to: { name: 'b' } }],
    renamed: [],
  });
});

test('neither a physical one, which comes back by itself, nor the own ones of the namespace', async () => {
  const now = { '': [a], ns1: [physical, virtual('b', '02:00:00:00:00:0c')] };
  expect(await strayed(removal, now)).toMatchObject({ inside: [] });
});

test('nothing is asked in the namespace while all links of the host are where they were', async () => {
  expect(await strayed(removal, { '': [physical, a, b] })).toMatchObject({ inside: [], asked: [''] });
});

test('one that the lab moved, by its index', async () => {
  const back = [{ op: 'ip', netns: 'ns1', args: ['link', 'set', 'dev', 'b', 'netns', ownNetns] }] as const;
  const guard = { kind: 'link', link: { netns: 'ns1', name: 'b' }, index: 7 } as const;
  expect(await strayed(back, { ns1: [{ ...b, ifname: 'c', ifindex: 7 }] }, guard)).toMatchObject({
    inside: [],
    renamed: [{ from: guard.link, to: { netns: 'ns1', name: 'c' } }],
  });
  expect(await strayed(back, { ns1: [{ ...b, ifindex: 7 }] }, guard)).toMatchObject({ renamed: [] });
});
