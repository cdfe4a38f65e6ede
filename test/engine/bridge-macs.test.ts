import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import type { HostState } from '../../agent/engine/snapshot/state.ts';
import { giveBridgeMacs } from '../../agent/engine/undo/bridge-macs.ts';
import type { Action } from '../../agent/linux/action.ts';
import { FakeHost } from './fake-host.ts';

const none = '00:00:00:00:00:00';
const mac = (last: number) => `02:00:00:00:00:0${last}`;
const bridge = { linkinfo: { info_kind: 'bridge' } };
const state = {
  n1: {
    items: {
      links: {
        found: { ...bridge, ifindex: 1, address: mac(1) },
        bare: { ...bridge, ifindex: 2, address: none },
        kept: { ...bridge, ifindex: 3, address: mac(3) },
        another: { ...bridge, ifindex: 4, address: mac(4) },
        anew: { ...bridge, ifindex: 5, address: mac(5) },
        renamed: { ...bridge, ifindex: 6, address: mac(6) },
        bond: { ifindex: 7, address: mac(7) },
      },
    },
    unread: {},
  },
} as unknown as HostState;
const rows = [
  { ifname: 'found', ifindex: 1, address: none },
  { ifname: 'bare', ifindex: 2, address: none },
  { ifname: 'kept', ifindex: 3, address: mac(8) },
  { ifname: 'another', ifindex: 4, address: none },
  { ifname: 'anew', ifindex: 9, address: none },
  { ifname: 'other', ifindex: 6, address: none },
  { ifname: 'own', ifindex: 10, address: none },
];

test('bridges that a run had ports for and that have no MAC address get what the snapshot has, and nothing else', async () => {
  const host = new FakeHost({});
  host.ip = async (args) => ({ rows: args.includes('bridge') ? rows : [], missing: false });
  host.apply = async (action: Action) =>
    void host.applied.push('args' in action ? `${action.netns}: ${action.args.join(' ')}` : action.op);
  const masters = ['found', 'bare', 'kept', 'anew', 'renamed', 'own', 'bond'].map((name) => ({ netns: 'n1', name }));
  const entries: readonly LedgerEntry[] = [];
  await giveBridgeMacs({ entries, masters, undoes: () => false, owe: () => undefined }, state, [], host);
  expect(host.applied).toEqual([
    `n1: link set dev found address ${mac(1)}`,
    `n1: link set dev other address ${mac(6)}`,
  ]);
});
