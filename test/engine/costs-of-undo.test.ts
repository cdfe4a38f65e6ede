import { expect, test } from 'vitest';
import { noteCosts } from '../../agent/engine/costs-of-undo.ts';
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
  dev: 'd1',
  table: '100',
  protocol: 'boot',
  scope: 'link',
  flags: [],
};
const full: Answers = {
  'address show dev d1': [{ ifname: 'd1', addr_info: [inet, inet6] }],
  '-4 route show table all': [route],
  'neighbour show dev d1 proxy': [{ dst: '10.1.0.51', dev: 'd1' }],
};
const bare: Answers = { 'address show dev d1': [{ ifname: 'd1', addr_info: [] }] };

/** What is put back behind an inverse that leads from one to the other. */
async function putBack(words: string, before: Answers, after: Answers): Promise<readonly string[]> {
  const host = new FakeHost({});
  let answers = before;
  host.ip = async (args) => ({ rows: [...(answers[args.join(' ')] ?? [])], missing: false });
  host.apply = async (action) => void host.applied.push('args' in action ? action.args.join(' ') : action.op);
  const costs = await noteCosts([{ op: 'ip', args: words.split(' ') }], [], host);
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
});

test('a link that goes down keeps its addresses of IPv6', async () => {
  expect(await putBack('link set dev d1 down', full, bare)).toEqual([
    'address add fd00::1/64 dev d1',
    ...lost.slice(1),
  ]);
  expect(await putBack('link set dev d1 address 02:00:00:00:00:01', full, bare)).toEqual(lost.slice(1));
  expect(await putBack('link set dev d1 mtu 1400', full, bare)).toEqual([]);
});

test('what cannot be put back yet is put off', async () => {
  const host = new FakeHost({});
  let answers = full;
  host.ip = async (args) => ({ rows: [...(answers[args.join(' ')] ?? [])], missing: false });
  host.apply = async () => Promise.reject(new OrchError({ code: 'command-failed', summary: 'no' }));
  const putOff: Action[] = [];
  const costs = await noteCosts([{ op: 'ip', args: removal.split(' ') }], putOff, host);
  answers = bare;
  await costs();
  expect(putOff.map((action) => action.op === 'ip' && action.args.join(' '))).toEqual(lost);
});

test('an inverse does not wait for what cannot be read', async () => {
  const host = new FakeHost({});
  host.ip = async () => Promise.reject(new OrchError({ code: 'command-failed', summary: 'no' }));
  await (await noteCosts([{ op: 'ip', args: removal.split(' ') }], [], host))();
  expect(host.applied).toEqual([]);
});
