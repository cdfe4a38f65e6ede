import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { both, type ConfirmLab, confirmLab, places } from './confirm-lab.ts';
import { openGate } from './gate.ts';

/*
 * A controller that is lost, or late, around the second phase of a confirmation. The moment is held by a gate on the ways to
 * vm02's agent: what passes it in one direction is withheld from when that host has noted the first phase.
 */

describe.each(places)('around the last word on $driver', { timeout: 600_000 }, ({ driver, seconds }) => {
  const confirm = ['--confirm', String(2 * seconds)];
  const hosts = ['vm01', 'vm02'];
  const soon = { timeout: 120_000 };
  let lab: ConfirmLab;

  /** Whether vm02 has noted the first phase, asked without a new connection for each question. */
  let vm02Is: (name: string) => Promise<string>;

  beforeAll(async () => {
    lab = await confirmLab(driver);
    const noted = `grep -qs '"prepared":true' "/var/lib/orch/checkpoints/$name.armed"`;
    vm02Is = lab.testbed.asking('vm02', `while read -r name; do ${noted} && echo prepared || echo not yet; done`);
  });
  afterAll(() => lab.end());

  const prepared = async (host: string, name: string) => (await lab.checkpoint(host, name))?.prepared === true;

  /** Starts a run of a namespace on both hosts, and waits until words of its confirmation are withheld. */
  const heldRun = async (name: string, direction: 'to-host' | 'from-host') => {
    const gate = await openGate(lab, 'vm02', direction, async () => (await vm02Is(name)) === 'prepared');
    const started = lab.start(name, { ...both, vm02: gate.vars }, [made(name)], confirm);
    const early = started.ended.then(({ stdout, stderr }) => {
      throw new Error(`the run ended before anything was withheld: ${stdout}${stderr}`);
    });
    await Promise.race([gate.withheld, early]);
    early.catch(() => undefined);
    return { gate, ...started };
  };
  const made = (name: string) => ({ name: 'harmless', netns: { name } });
  const orch = (name: string, ...args: string[]) =>
    lab.testbed.orch([...args, '-i', 'hosts.yml'], { cwd: `${lab.testbed.folder}/${name}` });

  // Beside each other: each is a lab of its own, and waits for its hosts' time to be over.
  describe.concurrent('a controller', () => {
    it('is killed between the two phases: nothing is kept', async () => {
      const { kill, ended } = await heldRun('between', 'from-host');
      await expect.poll(() => prepared('vm01', 'between'), soon).toBe(true);
      kill('SIGKILL');
      await ended;
      await Promise.all(hosts.map((host) => lab.settled(host, 'between')));
      for (const host of hosts) expect(await lab.checkpoint(host, 'between', 'settled')).toMatchObject({ kept: false });
    });

    it('stands still between the two phases until the time is over: nothing is kept, and it says so', async () => {
      const { gate, kill, ended } = await heldRun('still', 'from-host');
      kill('SIGSTOP');
      await Promise.all(hosts.map((host) => lab.settled(host, 'still')));
      gate.release();
      kill('SIGCONT');
      const { code, stdout } = await ended;
      expect(code).toBe(2);
      expect(stdout).toMatch(/not confirmed: .*\n {2}vm01: taken back \(.*\n {2}vm02: taken back \(/);
    });

    it('is not heard by one host when it says the last word: the other one, which has kept the run, takes it back', async () => {
      const { gate, ended } = await heldRun('late', 'to-host');
      await expect.poll(() => lab.checkpoint('vm01', 'late', 'settled'), soon).toMatchObject({ kept: true });
      await lab.settled('vm02', 'late');
      gate.release();
      const { code, stdout } = await ended;
      expect(code).toBe(2);
      expect(stdout).toMatch(
        /not confirmed: vm02: .*\n {2}vm01: taken back \(1 change undone\)\n {2}vm02: taken back \(/,
      );
    });

    it('is killed when only one host has heard the last word: the next run says so, and mends it', async () => {
      const { kill, ended } = await heldRun('mixed', 'to-host');
      await expect.poll(() => lab.checkpoint('vm01', 'mixed', 'settled'), soon).toMatchObject({ kept: true });
      kill('SIGKILL');
      await ended;
      await lab.settled('vm02', 'mixed');
      const told = /run \S+-mixed was kept on vm01 and taken back on vm02: /;
      expect((await orch('mixed', 'status')).stdout).toMatch(told);
      const next = await lab.run('mixed', both, [made('mixed')]);
      expect(next.stdout).toMatch(told);
      expect(next.code).toBe(0);
      expect(next.report.hosts).toMatchObject({ vm01: { ok: 1, changed: 0 }, vm02: { changed: 1 } });
      expect((await orch('mixed', 'status')).stdout).not.toMatch(told);
      expect(await orch('mixed', 'destroy', 'lab.yml')).toMatchObject({ code: 0 });
    });
  });

  it('leaves both hosts as they were', () => lab.expectAsBefore());
});
