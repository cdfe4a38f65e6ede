import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { Glances } from '../../agent/linux/glances.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

const change = z.union([
  z.strictObject({ name: z.string(), does: z.array(z.string()), ask: z.string() }),
  z.strictObject({ name: z.string(), does: z.array(z.string()), sysctl: z.string() }),
]);
const changes = z.array(change).parse(parse(readFileSync(join(import.meta.dirname, 'glances/changes.yml'), 'utf8')));

const scratch = new ScratchNetns();
/** For fewer nobody looks. */
const others = Array.from({ length: 8 }, (_, at) => scratch.name(`o${at}`));
const [peers = ''] = others;
const ns = scratch.name('ns');
const all = [...others, ns];

let count = 0;

const looking = new LinuxHost();
/** Never looks, and asks ip each time. */
const asking = new LinuxHost();

beforeAll(() => {
  for (const name of others) ip('netns', 'add', name);
});
afterAll(() => scratch.sweep());
beforeEach(() => {
  ip('netns', 'add', ns);
  // The one before may not be gone yet.
  const peer = `peer${count++}`;
  ip('-n', ns, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', peer, 'netns', peers);
  ip('-n', ns, 'link', 'set', 'eth0', 'addrgenmode', 'none', 'up');
  ip('-n', peers, 'link', 'set', peer, 'up');
  ip('-n', ns, 'address', 'add', '10.9.0.1/24', 'dev', 'eth0');
  ip('-n', ns, 'route', 'add', 'default', 'via', '10.9.0.254');
});
afterEach(async () => {
  await looking.release();
  await asking.release();
  if (scratch.present().includes(ns)) ip('netns', 'delete', ns);
});

const usual = [
  'link show dev eth0',
  'address show dev eth0',
  'link show dev lo',
  'link show dev none',
  'route show exact 0.0.0.0/0 table main',
];

test('what is seen is what ip says, and ip is not asked', async () => {
  const glances = new Glances(
    async () => [],
    () => all,
  );
  glances.look(all);
  for (const question of usual) {
    const args = question.split(' ');
    expect(await glances.answer(args, ns)).toEqual(await asking.ip(args, ns));
  }
  glances.close();
});

test.each(changes)('is noticed: $name', async ({ does, ...question }) => {
  const ask = async (host: LinuxHost) => {
    if ('sysctl' in question) return host.sysctl(question.sysctl, ns);
    // Of its name alone: there may be others that come and go.
    if (question.ask === 'netns') return (await host.netnsNames()).includes(ns);
    return host.ip(question.ask.split(' '), ns);
  };
  looking.look(all);
  const before = await ask(looking);
  for (const line of does) ip(...line.split(' ').map((word) => (word === 'NS' ? ns : word)));
  looking.forget();
  looking.look(all);
  const after = await ask(looking);
  expect(after).toEqual(await ask(asking));
  expect(after).not.toEqual(before);
});

test.each([
  ['link set dev eth1 up', undefined],
  ['address add 10.8.0.1/24 dev eth0', 'address show dev eth0'],
  ['route add 10.7.0.0/16 via 10.9.0.7 table main', 'route show exact 10.7.0.0/16 table main'],
  ['route add 10.7.0.7 via 10.9.0.7 dev eth0 table main', 'route show exact 10.7.0.7 table main'],
])('ip %s is done without ip, and seen', async (change, question) => {
  ip('-n', ns, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', `far${count}`, 'netns', peers);
  const glances = new Glances(
    async () => [],
    () => all,
  );
  glances.look(all);
  expect(await glances.change(change.split(' '), ns)).toBe(true);
  if (question === undefined) {
    // Whether it has a carrier, it knows a while later.
    expect((await glances.answer('link show dev eth1'.split(' '), ns))?.rows[0]?.flags).toContain('UP');
  } else {
    const reply = await glances.answer(question.split(' '), ns);
    expect(reply?.rows).toHaveLength(1);
    expect(reply).toEqual(await asking.ip(question.split(' '), ns));
  }
  glances.close();
});

test('a look at what was just seen is no question that has no answer', async () => {
  const glances = new Glances(
    async () => [],
    () => all,
  );
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    glances.look(all);
    await glances.answer('link show dev eth0'.split(' '), ns);
    await turn();
    glances.look(all);
    vi.advanceTimersByTime(10_000);
    await turn();
    expect(glances.prepare(0)).toBe(true);
  } finally {
    vi.useRealTimers();
    glances.close();
  }
});

test('an agent that was busy for long hears what was said meanwhile', async () => {
  const glances = new Glances(
    async () => [],
    () => all,
  );
  const args = 'link show dev eth0'.split(' ');
  // The process has to be there, and to have been asked.
  expect(await glances.change('link set dev eth0 mtu 1400'.split(' '), ns)).toBe(false);
  glances.look(all);
  expect(await glances.answer(args, ns)).toMatchObject({ rows: [{ ifname: 'eth0' }] });
  glances.forget();
  const asked = glances.answer(args, ns);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5500);
  expect(await asked).toMatchObject({ rows: [{ ifname: 'eth0' }] });
  glances.close();
}, 20_000);

test('what the kernel refuses is left to ip, which says why', async () => {
  looking.look(all);
  const again = { op: 'ip', netns: ns, args: ['address', 'add', '10.9.0.1/24', 'dev', 'eth0'] } as const;
  await expect(looking.apply(again)).rejects.toThrow(/Address already assigned|File exists/);
});

test('nothing is believed once the agent has changed something', async () => {
  const args = ['link', 'show', 'dev', 'eth0'];
  looking.look(all);
  await looking.ip(args, ns);
  await looking.apply({ op: 'ip', netns: ns, args: ['link', 'set', 'dev', 'eth0', 'mtu', '1300'] });
  expect((await looking.ip(args, ns)).rows).toMatchObject([{ mtu: 1300 }]);
});

test('nor once it has run a program', async () => {
  const args = ['link', 'show', 'dev', 'eth0'];
  looking.look(all);
  await looking.ip(args, ns);
  await looking.exec({ argv: ['ip', 'link', 'set', 'dev', 'eth0', 'mtu', '1300'], netns: ns });
  expect((await looking.ip(args, ns)).rows).toMatchObject([{ mtu: 1300 }]);
});
