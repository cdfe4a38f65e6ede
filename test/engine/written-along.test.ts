import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../agent/engine/books/ledger-entry.ts';
import { noteAlong, sysctlsAlong, writtenAlong } from '../../agent/engine/losses/written-along.ts';
import type { Action } from '../../agent/linux/action.ts';
import { FakeHost } from './fake-host.ts';

const conf = (key: string) => `net/ipv4/conf/${key}`;
const set = (key: string, value: string): Action & { op: 'sysctl' } => ({ op: 'sysctl', key, value });

/** With two links, and these sysctls. */
function hostWith(sysctls: Record<string, string>): FakeHost {
  const host = new FakeHost({ sysctls });
  host.ip = async () => ({ rows: [{ ifname: 'a' }, { ifname: 'b' }], missing: false });
  return host;
}

const values = {
  [conf('a/rp_filter')]: '2',
  [conf('b/rp_filter')]: '0',
  [conf('all/rp_filter')]: '0',
  [conf('a/forwarding')]: '1',
  [conf('b/forwarding')]: '0',
  [conf('default/forwarding')]: '0',
  [conf('all/accept_redirects')]: '0',
  'net/ipv6/conf/a/forwarding': '0',
  'net/ipv6/conf/default/forwarding': '0',
  'net/ipv6/conf/a/addr_gen_mode': '1',
  'net/ipv4/neigh/b/gc_stale_time': '60',
};

test.each<[string, readonly string[]]>([
  [conf('default/rp_filter'), [conf('a/rp_filter'), conf('b/rp_filter')]],
  [
    'net/ipv4/ip_forward',
    [conf('a/forwarding'), conf('b/forwarding'), conf('default/forwarding'), conf('all/accept_redirects')],
  ],
  ['net/ipv6/conf/all/forwarding', ['net/ipv6/conf/a/forwarding', 'net/ipv6/conf/default/forwarding']],
  // What counts for all is not written to each.
  [conf('all/rp_filter'), []],
  ['net/ipv6/conf/default/forwarding', []],
  [conf('a/rp_filter'), []],
  ['net/ipv6/conf/all/addr_gen_mode', ['net/ipv6/conf/a/addr_gen_mode']],
  ['net/ipv4/neigh/default/gc_stale_time', ['net/ipv4/neigh/b/gc_stale_time']],
])('what the kernel may write along with %s is noted', async (key, noted) => {
  const step = { object: 'x', action: set(key, '1'), undo: [set(key, '0')] };
  expect(Object.keys((await sysctlsAlong(step, hostWith(values))) ?? {})).toEqual(noted);
});

/** The host when the inverse is carried out, and what is set back behind it. */
async function setBack(entry: Partial<LedgerEntry>, now: Record<string, string>, then: Record<string, string> = {}) {
  const common = { seq: 1, run: 'r', object: 'x', removes: false, state: 'done', boot: 'b', undo: [] } as const;
  const host = hostWith({ ...now });
  const putBack = await noteAlong({ ...common, ...entry }, host);
  for (const [key, value] of Object.entries(then)) host.sysctls.set(key, value);
  host.applied.length = 0;
  await putBack();
  return host.applied.map((action) => Object.values(JSON.parse(action)).join(' '));
}

const byDefault = {
  undo: [set(conf('default/rp_filter'), '0')],
  guard: { kind: 'sysctl', key: conf('default/rp_filter'), values: ['1'] } as const,
  sysctls: { [conf('a/rp_filter')]: '0', [conf('b/rp_filter')]: '0' },
};

test('links that the default was written to get their own values again, and those that somebody has set keep theirs', async () => {
  const now = { [conf('a/rp_filter')]: '1', [conf('b/rp_filter')]: '2' };
  expect(await setBack(byDefault, now)).toEqual([`sysctl ${conf('a/rp_filter')} 0`]);
  expect(await setBack(byDefault, now, { [conf('b/rp_filter')]: '0' })).toEqual([
    `sysctl ${conf('a/rp_filter')} 0`,
    `sysctl ${conf('b/rp_filter')} 2`,
  ]);
});

test('forwarding takes accept_redirects along the other way round', async () => {
  const key = conf('all/accept_redirects');
  const entry = (before: string) => ({
    undo: [set('net/ipv4/ip_forward', '0')],
    guard: { kind: 'sysctl', key: 'net/ipv4/ip_forward', values: ['1'] } as const,
    sysctls: { [key]: before },
  });
  expect(await setBack(entry('0'), { [key]: '0' }, { [key]: '1' })).toEqual([`sysctl ${key} 0`]);
  expect(await setBack(entry('1'), { [key]: '0' }, { [key]: '1' })).toEqual([]);
});

test('what the step did not write is whosever it is, whatever it is by then', async () => {
  const step = { action: set(conf('default/rp_filter'), '1'), sysctls: byDefault.sysctls };
  const sysctls = await writtenAlong(step, hostWith({ [conf('a/rp_filter')]: '1', [conf('b/rp_filter')]: '0' }));
  expect(sysctls).toEqual({ [conf('a/rp_filter')]: '0', [conf('b/rp_filter')]: null });
  const now = { [conf('a/rp_filter')]: '1', [conf('b/rp_filter')]: '1' };
  expect(await setBack({ ...byDefault, sysctls }, now)).toEqual([`sysctl ${conf('a/rp_filter')} 0`]);
  expect(await setBack({ ...byDefault, sysctls }, now, { [conf('b/rp_filter')]: '0' })).toEqual([
    `sysctl ${conf('a/rp_filter')} 0`,
    `sysctl ${conf('b/rp_filter')} 1`,
  ]);
});

test('what an inverse wrote along before its agent was killed is led back, too', async () => {
  const [all, a] = ['all', 'a'].map((dev) => `net/ipv6/conf/${dev}/disable_ipv6`) as [string, string];
  const sysctls = await writtenAlong({ action: set(all, '0'), sysctls: { [a]: '0' } }, hostWith({ [a]: '0' }));
  const guard = { kind: 'sysctl', key: all, values: ['0'] } as const;
  const entry = { undo: [set(all, '1')], guard, sysctls };
  expect(await setBack(entry, { [all]: '1', [a]: '1' })).toEqual([`sysctl ${a} 0`]);
  // Somebody has set it since.
  expect(await setBack(entry, { [all]: '0', [a]: '1' })).toEqual([]);
});
