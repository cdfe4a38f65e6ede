import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LedgerStore } from '../../agent/engine/books/ledger-store.ts';
import { BroughtBack } from '../../agent/engine/undo/brought-back.ts';
import { noteCosts, type UndoBooks } from '../../agent/engine/undo/costs-of-undo.ts';
import { destroy } from '../../agent/engine/undo/destroy.ts';
import { putBackLast, takeBack } from '../../agent/engine/undo/take-back.ts';
import type { Action } from '../../agent/linux/action.ts';
import type { Row } from '../../agent/modules/shared/rows.ts';
import { OrchError } from '../../proto/errors.ts';
import { FakeHost } from './fake-host.ts';

type Answers = Readonly<Record<string, readonly Row[]>>;

const inet = { family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global', label: 'd1' };
const inet6 = { family: 'inet6', local: 'fd00::1', prefixlen: 64, scope: 'global' };
const route = {
  type: 'unicast',
  dst: '10.9.0.0/16',
  table: '100',
  protocol: 'boot',
  scope: 'link',
  flags: [],
};
const full: Answers = {
  'address show dev d1': [{ ifname: 'd1', addr_info: [inet, inet6] }],
  // The link that was asked for is not told again.
  '-4 route show table all dev d1': [route],
  'neighbour show dev d1 proxy': [{ dst: '10.1.0.51', dev: 'd1' }],
};
const bare: Answers = { 'address show dev d1': [{ ifname: 'd1', addr_info: [] }] };

/** What is put back behind an inverse that leads from one to the other. */
async function putBack(words: string | Action, before: Answers, after: Answers): Promise<readonly string[]> {
  const host = new FakeHost({});
  let answers = before;
  host.ip = async (args) => ({ rows: [...(answers[args.join(' ')] ?? [])], missing: false });
  host.apply = async (action) => void host.applied.push('args' in action ? action.args.join(' ') : action.op);
  const action: Action = typeof words === 'string' ? { op: 'ip', args: words.split(' ') } : words;
  const costs = await noteCosts([action], [], host);
  answers = after;
  await costs();
  return host.applied;
}

const removal = 'address delete 10.0.0.1/24 dev d1';
const lost = ['route add 10.9.0.0/16 dev d1 table 100 scope link', 'neighbour add proxy 10.1.0.51 dev d1'];

test('what goes with the last IPv4 address of a link is put back, and nothing that is still there', async () => {
  expect(await putBack(removal, full, bare)).toEqual(lost);
  expect(await putBack(removal, full, { ...full, 'neighbour show dev d1 proxy': [] })).toEqual(lost.slice(1));
  expect(await putBack(removal, full, full)).toEqual([]);
});

test('an address that is not the last one takes nothing along', async () => {
  const two = { ...full, 'address show dev d1': [{ ifname: 'd1', addr_info: [inet, { ...inet, local: '10.0.0.2' }] }] };
  expect(await putBack(removal, two, bare)).toEqual([]);
  expect(await putBack('address delete fd00::1/64 dev d1', full, bare)).toEqual([]);
  const second = { ...inet, local: '10.0.0.2', secondary: true };
  const behind = { ...full, 'address show dev d1': [{ ifname: 'd1', addr_info: [inet, second] }] };
  expect(await putBack('address delete 10.0.0.2/24 dev d1', behind, bare)).toEqual([]);
});

test('what costs nothing is asked for nothing, and what is not there is not looked for again', async () => {
  const asked: string[] = [];
  const host = new FakeHost({});
  host.ip = async (args) => {
    asked.push(args.join(' '));
    return { rows: [...(args[0] === 'address' ? (full['address show dev d1'] ?? []) : [])], missing: false };
  };
  const on: Action = { op: 'sysctl', key: 'net/ipv6/conf/d1/disable_ipv6', value: '0' };
  await (await noteCosts([on], [], host))();
  expect(asked).toEqual([]);
  await (await noteCosts([{ op: 'ip', args: removal.split(' ') }], [], host))();
  expect(asked).toEqual([
    'address show dev d1',
    '-4 route show table all dev d1',
    'neighbour show dev d1 nud permanent',
    'neighbour show dev d1 proxy',
    '-4 route show table all src 10.0.0.1',
  ]);
});

test('the first address of a network is the last one where all others go with it, if only for a moment', async () => {
  const second = { ...inet, local: '10.0.0.2', secondary: true };
  const two = { ...full, 'address show dev d1': [{ ifname: 'd1', addr_info: [inet, second] }] };
  expect(await putBack(removal, two, bare)).toEqual(lost);
});

test('what IPv6 has on links where it is turned off comes back where it may', async () => {
  const off = (dev: string): Action => ({ op: 'sysctl', key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '1' });
  const links = { 'address show': full['address show dev d1'] ?? [] };
  expect(await putBack(off('d1'), full, bare)).toEqual(['address add fd00::1/64 dev d1', ...lost.slice(1)]);
  expect(await putBack(off('all'), links, {})).toEqual(['address add fd00::1/64 dev d1']);
  expect(await putBack(off('default'), full, bare)).toEqual([]);
});

test('a link that goes down keeps its addresses of IPv6', async () => {
  expect(await putBack('link set dev d1 down', full, bare)).toEqual([
    'address add fd00::1/64 dev d1',
    ...lost.slice(1),
  ]);
  expect(await putBack('link set dev d1 address 02:00:00:00:00:01', full, bare)).toEqual(lost.slice(1));
  expect(await putBack('link set dev d1 mtu 1400', full, bare)).toEqual([]);
});

/** What is put off where all that would be put back is refused. */
async function putOffWhenRefused(books?: UndoBooks): Promise<readonly Action[]> {
  const host = new FakeHost({});
  let answers = full;
  host.ip = async (args) => ({ rows: [...(answers[args.join(' ')] ?? [])], missing: false });
  host.apply = async () => Promise.reject(new OrchError({ code: 'command-failed', summary: 'no' }));
  const putOff: Action[] = [];
  const costs = await noteCosts([{ op: 'ip', args: removal.split(' ') }], putOff, host, books);
  answers = bare;
  await costs();
  return putOff;
}

test('what cannot be put back yet is put off', async () => {
  const putOff = await putOffWhenRefused();
  expect(putOff.map((action) => action.op === 'ip' && action.args.join(' '))).toEqual(lost);
});

test('what is to be taken back itself is put back for that, and neither put off nor owed', async () => {
  const owed: (readonly Action[])[] = [];
  const undoes = (_: Action, object?: string) => object === 'route 10.9.0.0/16 table 100';
  const books = { undoes, owe: (actions: readonly Action[]) => void owed.push(actions) };
  const putOff = await putOffWhenRefused(books);
  const proxy = { op: 'ip', netns: undefined, args: lost[1]?.split(' '), ifMissing: true };
  expect([putOff, owed]).toEqual([[proxy], [[proxy], []]]);
});

test('an inverse does not wait for what cannot be read', async () => {
  const host = new FakeHost({});
  host.ip = async () => Promise.reject(new OrchError({ code: 'command-failed', summary: 'no' }));
  await (await noteCosts([{ op: 'ip', args: removal.split(' ') }], [], host))();
  expect(host.applied).toEqual([]);
});

const common = { seq: 1, run: 'r', object: 'x', removes: false, state: 'done', boot: 'b' } as const;

test('it is put back, too, where a later command of the same inverse is refused', async () => {
  const host = new FakeHost({});
  let answers = full;
  host.ip = async (args) => ({ rows: [...(answers[args.join(' ')] ?? [])], missing: false });
  host.apply = async (action) => {
    const words = 'args' in action ? action.args.join(' ') : '';
    if (words === removal) answers = bare;
    if (words === 'refused') throw new OrchError({ code: 'command-failed', summary: 'no' });
    host.applied.push(words);
  };
  const undo: Action[] = [removal, 'refused'].map((words) => ({ op: 'ip', args: words.split(' ') }));
  const { reason } = await takeBack({ ...common, undo }, new BroughtBack(), host, { check: false, putOff: [] });
  expect(reason).toBe('no');
  expect(host.applied).toEqual([removal, ...lost]);
});

test('what a port had of a master that is gone is for no other one, and all else comes back', async () => {
  const host = new FakeHost({});
  host.ip = async () => ({ rows: [], missing: false });
  host.apply = async (action) => {
    const words = 'args' in action ? action.args.join(' ') : '';
    if (words.endsWith('master br1')) throw new OrchError({ code: 'missing-object', summary: 'no br1' });
    host.applied.push(words);
  };
  const port = 'link set dev d1 type bridge_slave cost 2';
  const other = 'link set dev d2 type bridge_slave cost 2';
  const undo: Action[] = ['link set dev d1 master br1', port, 'link set dev d1 up', other].map((words) => {
    return { op: 'ip', args: words.split(' ') };
  });
  const own = 'vni add dev d1 vni 100';
  for (const words of ['vlan add dev d1 vid 20', own]) undo.push({ op: 'bridge', args: words.split(' ') });
  await takeBack({ ...common, undo }, new BroughtBack(), host, { check: false, putOff: [] });
  expect(host.applied).toEqual(['link set dev d1 up', other, own]);
});

test('sysctls that the kernel writes along are led back before what hangs on them', async () => {
  const [all, d1] = ['all', 'd1'].map((dev) => `net/ipv6/conf/${dev}/disable_ipv6`) as [string, string];
  const host = new FakeHost({ sysctls: { [all]: '0', [d1]: '0' } });
  host.ip = async () => ({ rows: [], missing: false });
  host.apply = async (action) => {
    host.applied.push('args' in action ? action.args.join(' ') : JSON.stringify(action));
    if (action.op !== 'sysctl') return;
    for (const key of action.key === all ? [all, d1] : [d1]) host.sysctls.set(key, action.value);
  };
  const back: Action = { op: 'ip', args: ['address', 'add', 'fd00::1/64', 'dev', 'd1'] };
  const undo: Action[] = [{ op: 'sysctl', key: all, value: '1' }, back];
  const guard = { kind: 'sysctl', key: all, values: ['0'] } as const;
  const entry = { ...common, undo, guard, sysctls: { [d1]: null } };
  await takeBack(entry, new BroughtBack(), host, { check: false, putOff: [] });
  expect(host.applied.map((words) => words.split(':')[0])).toEqual(['{"op"', '{"op"', 'address add fd00']);
  expect(host.sysctls.get(d1)).toBe('0');
});

test('what waits for a carrier does so once in an undo, however much there is of it', async () => {
  const host = new FakeHost({});
  let tries = 0;
  host.ip = async () => ({ rows: [], missing: false });
  host.apply = async () => {
    tries++;
    throw new OrchError({ code: 'command-failed', summary: 'Carrier for nexthop device is down' });
  };
  const back = new BroughtBack();
  const triesOf = async (id: number) => {
    tries = 0;
    const undo: Action[] = [{ op: 'ip', args: ['nexthop', 'add', 'id', `${id}`, 'dev', 'd1'] }];
    const { reason } = await takeBack({ ...common, undo }, back, host, { check: false, putOff: [] });
    expect(reason).toContain('Carrier');
    return tries;
  };
  expect(await triesOf(1)).toBeGreaterThan(1);
  expect([await triesOf(2), await triesOf(3)]).toEqual([1, 1]);
});

test('what cannot be put back at the end, either, is told, unless its link is gone', async () => {
  const host = new FakeHost({});
  host.apply = async (action) => {
    const code = 'args' in action && action.args[0] === 'route' ? 'command-failed' : 'missing-object';
    throw new OrchError({ code, summary: 'no' });
  };
  const putOff: Action[] = lost.map((words) => ({ op: 'ip', args: words.split(' ') }));
  const all = [...putOff];
  const told = await putBackLast(putOff, host);
  expect(told).toMatchObject([{ object: `ip ${lost[0]}`, reason: 'it went along, and cannot be put back: no' }]);
  // What was refused is tried again by the next call, and what was done is not done again.
  expect(putOff).toEqual(all);
  host.apply = async () => undefined;
  expect(await putBackLast(putOff, host)).toEqual([]);
  expect(putOff).toEqual([]);
});

test('a destroy tells what it cannot put back where nothing can be proved', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-costs-'));
  const store = new LedgerStore(folder, 'boot');
  const ledger = store.ledger('lab');
  const action: Action = { op: 'ip', args: ['address', 'add', '10.0.0.1/24', 'dev', 'd1'] };
  const undo: Action[] = [{ op: 'ip', args: removal.split(' ') }];
  const [book] = await ledger.intend({ run: 'run' }, [{ object: 'address', action, undo }]);
  if (book !== undefined) ledger.done(book, undefined);
  const host = new FakeHost({});
  let answers = full;
  host.ip = async (args) => ({ rows: [...(answers[args.join(' ')] ?? [])], missing: false });
  host.apply = async (each) => {
    answers = bare;
    if ('args' in each && each.args[0] === 'route') throw new OrchError({ code: 'command-failed', summary: 'no' });
  };
  const told: string[] = [];
  for await (const { object, reason } of destroy('lab', store, host, false)) told.push(`${object}: ${reason}`);
  expect(told).toEqual(['address: ', `ip ${lost[0]}: it went along, and cannot be put back: no`, ': ']);
  rmSync(folder, { recursive: true });
});
