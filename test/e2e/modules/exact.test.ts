import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Action } from '../../../agent/modules/module.ts';
import { destroyLab, engineOf, runTasks } from '../engine-runs.ts';
import { ip } from '../scratch-netns.ts';
import { applyAll, linux, plan, scratch, state, sweep } from './live-host.ts';

afterAll(sweep);

interface Case {
  readonly name: string;
  /** What is in the namespace before. */
  readonly found: readonly string[];
  readonly params: Record<string, unknown>;
  /** What ip shows after. */
  readonly left: Readonly<Record<string, string>>;
}

const addressed = ['address add 10.0.0.1/24 dev b0', 'address add fd00::1/64 dev b0 nodad'];

const cases: Case[] = [
  {
    name: 'routes',
    found: [
      ...addressed,
      'route add default via 10.0.0.9',
      'route add 10.1.0.0/16 via 10.0.0.8 mtu lock 1300 proto static',
      'route add 10.2.0.0/16 dev b0',
      'route add throw 10.3.0.0/16 table 9',
      '-6 route add unreachable fd02::/64',
      '-6 route add fd01::/64 nexthop via fd00::8 nexthop via fd00::9 weight 3',
    ],
    params: {
      routes: [
        { dst: '10.1.0.0/16', via: '10.0.0.7' },
        { dst: 'fd03::/64', via: 'fd00::7' },
      ],
    },
    left: {
      '-4 route show proto boot': '10.1.0.0/16 via 10.0.0.7 dev b0',
      '-4 route show proto static': '',
      '-6 route show proto boot': 'fd03::/64 via fd00::7 dev b0 metric 1024 pref medium',
      'route show table 9': 'throw 10.3.0.0/16',
    },
  },
  {
    name: 'rules',
    found: ['rule add priority 9 ipproto tcp dport 80 table 9', '-6 rule add priority 9 table 9 protocol static'],
    params: { rules: [{ priority: 8, fwmark: 7, table: 7 }] },
    left: {
      'rule show priority 9': '',
      '-6 rule show priority 9': '',
      'rule show priority 8': '8:\tfrom all fwmark 0x7 lookup 7',
    },
  },
  {
    name: 'addresses',
    found: [...addressed, 'address add 10.0.0.2/24 brd + dev b0', 'address add 10.9.0.1/24 dev b0 metric 7'],
    params: { addresses: [{ address: '10.0.0.2/24', dev: 'b0' }] },
    left: {
      '-br address show dev lo': 'lo               UNKNOWN        127.0.0.1/8 ::1/128',
      '-br -4 address show dev b0': 'b0               UNKNOWN        10.0.0.2/24',
      'address show to fd00::/64': '',
    },
  },
];

test.each(cases)('an exact list of $name takes the rest away, and is undone', async ({ name, found, params, left }) => {
  const netns = scratch.name(name);
  ip('netns', 'add', netns);
  const inside = (line: string) => ip('-n', netns, ...line.split(' ')).trim();
  // Without duplicate address detection the kernel's own routes are there at once.
  for (const conf of ['all', 'default'])
    ip('netns', 'exec', netns, 'sysctl', '-qw', `net.ipv6.conf.${conf}.accept_dad=0`);
  for (const line of ['link set lo up', 'link add b0 type ifb', 'link set b0 up', ...found]) inside(line);

  const task = { name, params: { netns, exact: true, ...params } };
  const before = state(netns);
  const undo: (readonly Action[])[] = [];
  const { steps } = await plan(task);
  for (const step of steps) {
    undo.unshift(step.undo);
    await linux.apply(step.action);
  }
  const queries = Object.keys(left);
  expect(Object.fromEntries(queries.map((query) => [query, inside(query)]))).toEqual(left);
  expect((await plan(task)).steps).toEqual([]);
  for (const actions of undo) await applyAll(actions);
  expect(state(netns)).toEqual(before);
});

test('what hangs on addresses that an exact list replaces stays where it can, and comes back', async () => {
  const netns = scratch.name('hang');
  ip('netns', 'add', netns);
  const inside = (line: string) => ip('-n', netns, ...line.split(' ')).trim();
  const found = [
    ...addressed,
    'address add 10.7.0.1/24 dev b0',
    'route add default via 10.0.0.254',
    'route add 10.1.0.0/16 via 10.7.0.254',
    'route add 10.9.9.9 dev b0',
    'route add 10.2.0.0/16 via 10.9.9.9',
    'neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev b0',
    'neighbour add proxy 10.0.0.8 dev b0',
  ];
  for (const line of ['link set lo up', 'link add b0 type ifb', 'link set b0 up', ...found]) inside(line);
  const before = state(netns);
  const folder = mkdtempSync(join(tmpdir(), 'orch-exact-'));
  const engine = engineOf(linux, join(folder, 'labs'));
  try {
    const task = { netns, exact: true, addresses: [{ address: '10.0.0.2/24', dev: 'b0' }] };
    const tasks = [{ module: 'addresses', items: [task] }];
    expect(await runTasks(engine, tasks)).toEqual({ changed: 1, failed: [] });
    expect(await runTasks(engine, tasks, 'again')).toEqual({ changed: 0, failed: [] });
    const routes = ['default via 10.0.0.254 dev b0', '10.2.0.0/16 via 10.9.9.9 dev b0', '10.9.9.9 dev b0 scope link'];
    expect(inside('route show proto boot').split(/ *\n/)).toEqual(routes);
    expect(inside('neighbour show')).toMatch(/^10\.0\.0\.9 .*PERMANENT$/);
    expect(inside('neighbour show proxy')).toMatch(/^10\.0\.0\.8 /);
    expect((await destroyLab(engine)).failed).toEqual([]);
    expect(state(netns)).toEqual(before);
  } finally {
    await engine.stop();
    rmSync(folder, { recursive: true });
  }
});
