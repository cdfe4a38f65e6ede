import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import { BroughtBack } from '../../agent/engine/undo/brought-back.ts';
import { type Action, ownNetns } from '../../agent/linux/action.ts';
import '../../agent/modules/registry.gen.ts';
import { FakeHost } from './fake-host.ts';

function ip(words: string, netns?: string): Action {
  return { op: 'ip', netns, args: words.split(' ') };
}

/** A host with one link. */
function hostWith(ifname: string, row: Record<string, unknown>): FakeHost {
  const host = new FakeHost({});
  host.ip = async (args, netns) => {
    const isIts = netns === undefined && args.at(-1) === ifname;
    return isIts ? { rows: [{ ifname, ifindex: 9, ...row }], missing: false } : { rows: [], missing: true };
  };
  return host;
}

const pair = ip('link add name v1 type veth peer name v2');
const dummy = ip('link add name d1 type dummy');

test('a name is foretold to be free once what has it would be gone, by either end of a pair', async () => {
  const host = new FakeHost({ links: { v1: 7, v2: 8 } });
  await expect(new BroughtBack().foretell([pair], host)).rejects.toThrow('another link is called v1');
  expect(await new BroughtBack().foretell([ip('link delete dev v1'), pair], host)).toBe(true);
});

test('a name is foretold to be free where its link goes with what would be gone', async () => {
  const end = hostWith('d1', { link: 'v1' });
  expect(await new BroughtBack().foretell([ip('link delete dev v1'), dummy], end)).toBe(true);
  await expect(new BroughtBack().foretell([ip('link delete dev v9'), dummy], end)).rejects.toThrow('called d1');
  const far = hostWith('d1', { link_index: 3, link_netnsid: 0 });
  for (const gone of [ip('link delete dev v1', 'ns1'), { op: 'netns-delete', name: 'ns1' }] as const)
    expect(await new BroughtBack().foretell([gone, dummy], far)).toBe(true);
  await expect(new BroughtBack().foretell([dummy], far)).rejects.toThrow('called d1');
});

test('a pair is not made where one of its names is taken', async () => {
  await expect(new BroughtBack().isThere([pair], new FakeHost({ links: { v2: 8 } }))).rejects.toThrow('called v2');
  expect(await new BroughtBack().isThere([pair], new FakeHost({}))).toBe(false);
});

test('a link that was made before the agent was killed is there, by its MAC address', async () => {
  const host = hostWith('d1', { address: '02:00:00:00:00:01' });
  const made = (address: string) => [ip(`link add name d1 address ${address} type dummy`)];
  expect(await new BroughtBack().isThere(made('02:00:00:00:00:01'), host)).toBe(true);
  await expect(new BroughtBack().isThere(made('02:00:00:00:00:02'), host)).rejects.toThrow('called d1');
});

const tap = { address: '02:00:00:00:00:01', linkinfo: { info_kind: 'tun', info_data: { type: 'tap', user: 'lab' } } };

test.each<[string, Record<string, unknown>, boolean]>([
  ['before it gets its MAC address', tap, true],
  ['with its MAC address', { ...tap, address: '02:00:00:00:00:07', flags: ['UP'] }, true],
  ['or another one of its kind that is set up', { ...tap, flags: ['UP'] }, false],
  ['or one that somebody else may open', { ...tap, linkinfo: { info_kind: 'tun', info_data: { type: 'tap' } } }, false],
  ['or one of another kind', { ...tap, linkinfo: { info_kind: 'dummy' } }, false],
])('a link that gets its MAC address later: %s', async (_, row, isBack) => {
  const undo = [ip('tuntap add dev d1 mode tap user lab'), ip('link set dev d1 address 02:00:00:00:00:07')];
  const there = new BroughtBack().isThere(undo, hostWith('d1', row));
  if (isBack) expect(await there).toBe(true);
  else await expect(there).rejects.toThrow('called d1');
});

test.each<[string, string, Record<string, unknown>]>([
  ['tuntap add dev d1 mode tun', 'tuntap add dev d1 mode tap', { info_kind: 'tun', info_data: { type: 'tun' } }],
  ['link add name d1 type wireguard', 'link add name d1 type dummy', { info_kind: 'wireguard' }],
])('a link without a MAC address is told by its kind: %s', async (made, other, linkinfo) => {
  const host = hostWith('d1', { flags: ['UP'], linkinfo });
  expect(await new BroughtBack().isThere([ip(made), ip('link set dev d1 up')], host)).toBe(true);
  await expect(new BroughtBack().isThere([ip(other)], host)).rejects.toThrow('called d1');
  // The lab's own was never up.
  await expect(new BroughtBack().isThere([ip(made)], host)).rejects.toThrow('called d1');
});

test('a link that is moved back is no other one of its name', async () => {
  const move = ip(`link set dev d1 netns ${ownNetns}`, 'ns1');
  const host = new FakeHost({ links: { 'ns1/d1': 7, d1: 8 } });
  await expect(new BroughtBack().isThere([move], host)).rejects.toThrow('called d1');
});

test('an entry about a link that is back gets its new index, one about a sysctl of it keeps the value that the lab set', async () => {
  const back = new BroughtBack();
  back.note(dummy);
  const common = { seq: 1, run: 'r', object: 'x', removes: false, state: 'done', boot: 'b' } as const;
  const link: LedgerEntry = {
    ...common,
    undo: [ip('link delete dev d1')],
    guard: { kind: 'link', link: { netns: undefined, name: 'd1' }, index: 3 },
  };
  const setting: LedgerEntry = {
    ...common,
    undo: [{ op: 'sysctl', key: 'net/ipv4/conf/d1/rp_filter', value: '0' }],
    guard: { kind: 'sysctl', key: 'net/ipv4/conf/d1/rp_filter', values: ['1'] },
  };
  const host = hostWith('d1', {});
  expect((await back.asItIsNow(link, host)).guard).toMatchObject({ index: 9 });
  expect(await back.asItIsNow(setting, host)).toEqual(setting);
});
