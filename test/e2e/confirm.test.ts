import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, both, type ConfirmLab, confirmLab, places } from './confirm-lab.ts';

/*
 * Runs that cut hosts off, or that fail elsewhere: both hosts are as they were before, and are reached.
 */

const uplink = "{{ '172.16.91.10' if inventory_hostname == 'vm01' else '172.16.91.14' }}";
const harmless = { name: 'harmless', netns: { name: 'ns01' } };
const waiting = { name: 'wait', pause: { seconds: 600 } };

const cuts = [
  ['flushes the uplink', [{ address: { address: `${uplink}/32`, dev: 'ens34', state: 'absent' } }]],
  ['drops the default route', [{ route: { dst: 'default', state: 'absent' } }]],
  [
    'drops all input',
    [
      {
        nft: { table: 'lockout', rules: 'chain input {\n  type filter hook input priority filter; policy drop;\n}\n' },
      },
    ],
  ],
  [
    'enslaves the uplink to a bridge without moving its address',
    [{ bridge: { name: 'br0', state: 'up' } }, { link: { name: 'ens34', master: 'br0' } }],
  ],
] as const;

describe.each(places)('on $driver', { timeout: 600_000 }, ({ driver, seconds, besideS }) => {
  let lab: ConfirmLab;
  const confirm = { args: ['--confirm', String(seconds)] };

  beforeAll(async () => {
    lab = await confirmLab(driver);
  });
  afterAll(() => lab.end());

  /** Starts a run of two tasks and kills its controller once both hosts wait for a word. Gives the run's name. */
  const killedRun = async (labName: string, confirmS: number): Promise<string> => {
    const running = lab.run(labName, both, [harmless, waiting], {
      args: ['--confirm', String(confirmS)],
      kill: [/changed: \[vm0\d\]\s*\n.*changed: \[vm0\d\]/],
      signal: 'SIGKILL',
    });
    await running.catch(() => undefined);
    const { run } = (await lab.checkpoint('vm01', labName)) ?? {};
    expect(run).toMatch(new RegExp(`-${labName}$`));
    return String(run);
  };

  describe('a run that cuts both hosts off is taken back by both', () => {
    it.each(cuts)('%s', async (_, tasks) => {
      const ran = await lab.run('cut', both, [harmless, ...tasks], confirm);
      expect(ran.code).toBe(2);
      expect(ran.report.settled?.kept).toBe(false);
      expect(ran.report.settled?.hosts.map(({ state }) => state)).toEqual(['taken-back', 'taken-back']);
      await lab.expectAsBefore();
      // The controller gives up after two thirds of the time, and asks as long as the hosts may need.
      expect(ran.seconds).toBeLessThan(2 * seconds + besideS);
    });

    // Each takes as long as a host waits then: 30 s.
    it.runIf(all).each(cuts)('unasked: %s', async (_, tasks) => {
      const ran = await lab.run('cut', both, [harmless, ...tasks]);
      expect(ran.stdout).toMatch(/\[vm0[12]\] this run touches the controller's way to this host .* 30 s/);
      expect(ran.code).toBe(2);
      expect(ran.report.settled?.hosts.map(({ state }) => state)).toEqual(['taken-back', 'taken-back']);
      await lab.expectAsBefore();
      expect(ran.seconds).toBeLessThan(2 * 30 + besideS);
    });
  });

  describe('a run that fails on one of two hosts is kept by none', () => {
    it('when a task fails there', async () => {
      const fails = { name: 'fails', fail: { msg: 'no' }, when: "inventory_hostname == 'vm02'" };
      const ran = await lab.run('half', both, [harmless, fails], confirm);
      expect(ran.code).toBe(2);
      expect(ran.stdout).toContain('vm01: taken back (1 change undone)');
      await lab.expectAsBefore();
    });

    it('when only one is cut off', async () => {
      const cut = {
        ...{ name: 'cut', route: { dst: 'default', state: 'absent' } },
        when: "inventory_hostname == 'vm02'",
      };
      const ran = await lab.run('half', both, [harmless, cut], confirm);
      expect(ran.code).toBe(2);
      expect(ran.report.settled?.hosts.map(({ state }) => state)).toEqual(['taken-back', 'taken-back']);
      await lab.expectAsBefore();
    });

    it('when an expectation is not met', async () => {
      const reach = { name: 'who', reach: { to: ['203.0.113.9'], from: ['vm01'], expect: 'reached' } };
      const ran = await lab.run('half', both, [harmless, reach], confirm);
      expect({ code: ran.code, kept: ran.report.settled?.kept }).toEqual({ code: 3, kept: false });
      await lab.expectAsBefore();
    });
  });

  describe('a controller that is killed while tasks run', () => {
    it('and whose agents are killed as well: the watchdogs see to it', async () => {
      await killedRun('dogs', seconds);
      await Promise.all(
        ['vm01', 'vm02'].map(async (host) => lab.on(host, `kill -9 ${await lab.testbed.agentPid(host)}`)),
      );
      await Promise.all(['vm01', 'vm02'].map((host) => lab.settled(host, 'dogs')));
      await lab.expectAsBefore();
    });

    it('is followed by hand: status says what waits, confirm keeps it, rollback takes it back', async () => {
      const run = await killedRun('hand', 15 * seconds);
      const cwd = join(lab.testbed.folder, 'hand');
      const by = (...args: string[]) => lab.testbed.orch([...args, '-i', 'hosts.yml'], { cwd });
      expect((await by('status')).stdout).toContain(`run ${run} is taken back in `);
      const again = await lab.run('hand', both, [harmless]);
      expect(again.stdout).toContain(`whose run ${run} is taken back in`);
      expect(await by('confirm', 'hand.yml', '--lab', 'hand')).toMatchObject({ code: 4 });
      const hosts = readFileSync(join(cwd, 'hosts.yml'), 'utf8');
      writeFileSync(join(cwd, 'dead.yml'), hosts.replaceAll(/_port":\d+/g, '_port":1'));
      const unheard = await lab.testbed.orch(['confirm', run, '-i', 'dead.yml'], { cwd });
      expect(unheard).toMatchObject({ code: 2, stderr: expect.stringContaining('No host that answers waits') });
      expect(await by('confirm', run)).toMatchObject({ code: 0 });
      expect((await by('confirm', run)).stderr).toContain(`vm01: run ${run} was kept`);
      const back = await by('rollback', run);
      expect(back.stdout).toContain('vm02: undone 1, left 0, failed 0');
      await lab.expectAsBefore();
    });
  });

  it('a run that touches the way is put under confirmation unasked, and kept when the hosts are still reached', async () => {
    const alias = { name: 'alias', link: { name: 'ens34', alias: 'uplink' } };
    const foretold = await lab.run('unasked', both, [alias], { args: ['--check'] });
    expect(foretold.stdout).toMatch(
      /\[vm0[12]\] a run would touch the controller's way to this host \(link ens34\), and be taken back in 30 s/,
    );
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
    await lab.expectAsBefore();
  });
});
