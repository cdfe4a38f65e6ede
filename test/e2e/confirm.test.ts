import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareHosts } from '../../controller/confirm/phases.ts';
import { createConnect } from '../../controller/connect/connect.ts';
import { targetOf } from '../../controller/inventory/target.ts';
import { type FaultsLab, faultsLab } from './faults-lab.ts';
import { hostStates } from './host-state.ts';

/*
 * Runs that cut hosts off, or that fail elsewhere, with --confirm: both hosts are as they were before, and are reached.
 */

const both = { vm01: {}, vm02: {} };
const seconds = 4;
const confirm = { args: ['--confirm', String(seconds)] };
const uplink = "{{ '172.16.91.10' if inventory_hostname == 'vm01' else '172.16.91.14' }}";
const harmless = { name: 'harmless', netns: { name: 'ns01' } };
const waiting = { name: 'wait', pause: { seconds: 600 } };

let lab: FaultsLab;
let before: Awaited<ReturnType<typeof hostStates>>;

beforeAll(async () => {
  lab = await faultsLab(2);
  // The controller comes by the gateway, so that the default route is its way.
  await Promise.all(
    [
      ['vm01', '172.16.91.10'],
      ['vm02', '172.16.91.14'],
    ].map(([host = '', address]) =>
      lab.on(
        host,
        `ip address add ${address}/32 dev ens34 && ip address delete ${address}/24 dev ens34 && ip route replace default via 172.16.91.2 dev ens34 onlink`,
      ),
    ),
  );
  await lab.run('first', both, [{ command: 'true' }]);
  before = await hostStates(lab.testbed);
});

afterAll(() => lab.end());

/** Nothing of the run is left, and a new one reaches the hosts. */
async function expectAsBefore(): Promise<void> {
  expect(await hostStates(lab.testbed)).toEqual(before);
  expect((await lab.run('after', both, [{ command: 'true' }])).code).toBe(0);
}

async function checkpoint(host: string, labName: string): Promise<Record<string, unknown> | undefined> {
  const text = await lab.on(host, `cat /var/lib/orch/checkpoints/${labName}.armed 2>/dev/null || true`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Waits until a host no longer waits for a word. */
async function settled(host: string, labName: string): Promise<void> {
  while ((await checkpoint(host, labName)) !== undefined) await sleep(200);
}

/** Starts a run of two tasks and kills its controller once both hosts wait for a word. Gives the run's name. */
async function killedRun(labName: string, confirmS: number): Promise<string> {
  const running = lab.run(labName, both, [harmless, waiting], {
    args: ['--confirm', String(confirmS)],
    kill: [/changed: \[vm0\d\]\s*\n.*changed: \[vm0\d\]/],
    signal: 'SIGKILL',
  });
  await running.catch(() => undefined);
  const { run } = (await checkpoint('vm01', labName)) ?? {};
  expect(run).toMatch(new RegExp(`-${labName}$`));
  return String(run);
}

describe('a run that cuts both hosts off is taken back by both', () => {
  it.each([
    ['flushes the uplink', { address: { address: `${uplink}/32`, dev: 'ens34', state: 'absent' } }],
    ['drops the default route', { route: { dst: 'default', state: 'absent' } }],
    [
      'drops all input',
      {
        nft: { table: 'lockout', rules: 'chain input {\n  type filter hook input priority filter; policy drop;\n}\n' },
      },
    ],
  ])('%s', async (_, task) => {
    const ran = await lab.run('cut', both, [harmless, { name: 'cut', ...task }], confirm);
    expect(ran.code).toBe(2);
    expect(ran.report.settled?.kept).toBe(false);
    expect(ran.report.settled?.hosts.map(({ state }) => state)).toEqual(['taken-back', 'taken-back']);
    expect(ran.seconds).toBeLessThan(3 * seconds);
    await expectAsBefore();
  });

  it('enslaves the uplink to a bridge without moving its address', async () => {
    const tasks = [{ bridge: { name: 'br0', state: 'up' } }, { link: { name: 'ens34', master: 'br0' } }];
    const ran = await lab.run('cut', both, tasks, confirm);
    expect(ran.code).toBe(2);
    expect(ran.report.settled?.hosts.map(({ state }) => state)).toEqual(['taken-back', 'taken-back']);
    await expectAsBefore();
  });
});

describe('a run that fails on one of two hosts is kept by none', () => {
  it('when a task fails there', async () => {
    const fails = { name: 'fails', fail: { msg: 'no' }, when: "inventory_hostname == 'vm02'" };
    const ran = await lab.run('half', both, [harmless, fails], confirm);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('vm01: taken back (1 change undone)');
    await expectAsBefore();
  });

  it('when only one is cut off', async () => {
    const cut = {
      ...{ name: 'cut', route: { dst: 'default', state: 'absent' } },
      when: "inventory_hostname == 'vm02'",
    };
    const ran = await lab.run('half', both, [harmless, cut], confirm);
    expect(ran.code).toBe(2);
    expect(ran.report.settled?.hosts.map(({ state }) => state)).toEqual(['taken-back', 'taken-back']);
    await expectAsBefore();
  });

  it('when an expectation is not met', async () => {
    const reach = { name: 'who', reach: { to: ['203.0.113.9'], from: ['vm01'], expect: 'reached' } };
    const ran = await lab.run('half', both, [harmless, reach], confirm);
    expect({ code: ran.code, kept: ran.report.settled?.kept }).toEqual({ code: 3, kept: false });
    await expectAsBefore();
  });
});

describe('a controller that is killed', () => {
  it('between the two phases leaves nothing kept', async () => {
    const run = await killedRun('phases', 12);
    const connect = createConnect();
    const target = (host: string) =>
      targetOf(host, (name) => lab.vars(host)[name], { timeoutMs: 10_000, become: false, acceptHostKey: false });
    const { answers, connections } = await prepareHosts({
      ...{ lab: 'phases', run, hosts: ['vm01', 'vm02'], seconds: 12, holder: 'test' },
      connect: (host, signal) => connect(target(host), signal),
      signal: new AbortController().signal,
    });
    expect(answers.map(({ good }) => good)).toEqual([true, true]);
    expect((await checkpoint('vm01', 'phases'))?.prepared).toBe(true);
    for (const connection of connections.values()) await connection.close();
    await Promise.all(['vm01', 'vm02'].map((host) => settled(host, 'phases')));
    await expectAsBefore();
  });

  it('and whose agents are killed as well: the watchdogs see to it', async () => {
    await killedRun('dogs', seconds);
    await Promise.all(
      ['vm01', 'vm02'].map(async (host) => lab.on(host, `kill -9 ${await lab.testbed.agentPid(host)}`)),
    );
    await Promise.all(['vm01', 'vm02'].map((host) => settled(host, 'dogs')));
    await expectAsBefore();
  });

  it('is followed by hand: status says what waits, confirm keeps it, rollback takes it back', async () => {
    const run = await killedRun('hand', 60);
    const cwd = join(lab.testbed.folder, 'hand');
    const by = (...args: string[]) => lab.testbed.orch([...args, '-i', 'hosts.yml'], { cwd });
    expect((await by('status')).stdout).toContain(`run ${run} is taken back in `);
    const again = await lab.run('hand', both, [harmless]);
    expect(again.stdout).toContain(`whose run ${run} is taken back in`);
    expect(await by('confirm', 'hand.yml', '--lab', 'hand')).toMatchObject({ code: 4 });
    expect(await by('confirm', run)).toMatchObject({ code: 0 });
    expect((await by('confirm', run)).stderr).toContain(`vm01: run ${run} was kept`);
    const back = await by('rollback', run);
    expect(back.stdout).toContain('vm02: undone 1, left 0, failed 0');
    await expectAsBefore();
  });
});

it('a run that touches the way is put under confirmation unasked, and kept when the hosts are still reached', async () => {
  const alias = { name: 'alias', link: { name: 'ens34', alias: 'uplink' } };
  const ran = await lab.run('unasked', both, [alias]);
  // The host that sees it first says so; the other is armed at its word.
  expect(ran.stdout).toMatch(
    /\[vm0[12]\] this run touches the controller's way to this host \(link ens34\): it is taken back in 30 s unless it is confirmed/,
  );
  expect({ code: ran.code, kept: ran.report.settled?.kept }).toEqual({ code: 0, kept: true });
  const by = (...args: string[]) => lab.testbed.orch([...args, '-i', 'hosts.yml'], { cwd: ran.folder });
  const check = await by('rollback', '--check');
  expect(check.stdout).toContain('would undo 1');
  expect((await by('rollback')).code).toBe(0);
  expect((await by('rollback')).stderr).toContain('No host remembers a run of lab unasked');
  await expectAsBefore();
});
