import { readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostStates } from './host-state.ts';
import { destroyWell, runLab, runWell, shipped, surprises } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const lab = shipped('lab-macvlan');

describe('a lab of macvlan links on namespaces', () => {
  let testbed: OwnTestbed;
  let before: unknown;
  let slow: string;

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('netns');
    before = await hostStates(testbed);
    slow = join(testbed.folder, 'slow.yml');
    writeFileSync(slow, slowLab);
  });
  afterAll(() => testbed.end());

  /** Waits until the slow lab is in its middle on vm02. */
  const inTheMiddle = async () => {
    const look = 'timeout 20 sh -c "until pgrep -x sleep -a | grep -q 3.25; do sleep 0.05; done"';
    expect(await testbed.on('vm02', look)).toMatchObject({ code: 0 });
  };
  const destroyed = async (playbook: string, ...options: string[]) => {
    await destroyWell(testbed, playbook, ...options);
    expect(await hostStates(testbed)).toEqual(before);
  };

  it('is described, and nothing touched, in check mode', async () => {
    const report = await runLab(testbed, lab, '--check');
    expect(report.exit).toBe(0);
    const vm02 = report.tasks.filter(({ host, module }) => host === 'vm02' && module !== 'reach');
    // The last one is a sysctl of a link that begins with that value.
    expect(vm02.map(({ status }) => status)).toEqual([...Array(7).fill('changed'), 'ok']);
    expect(await hostStates(testbed)).toEqual(before);
  });

  it('is made with every cell as expected, and left alone by a second run', async () => {
    const first = await runWell(testbed, lab);
    expect(first.reach.length).toBeGreaterThanOrEqual(15);
    expect(first.hosts.vm02).toMatchObject({ changed: 7, ok: 8, failed: 0 });
    const second = await runWell(testbed, lab);
    expect(second.hosts).toMatchObject({ vm01: { changed: 0 }, vm02: { changed: 0 } });
    expect(surprises(second)).toEqual([]);
  });

  it('is taken back to what was there before', () => destroyed(lab));

  it('is taken back from the hosts that the inventory has, and the others are named', async () => {
    const play = (hosts: string) =>
      `- hosts: ${hosts}\n  lab: pair\n  gather_facts: false\n  tasks: [{ bridge: { name: br7 } }]\n`;
    const [pair, one, inventory] = ['pair.yml', 'one.yml', 'one-host.yml'].map((name) => join(testbed.folder, name));
    if (pair === undefined || one === undefined || inventory === undefined) throw new Error('no files');
    writeFileSync(pair, play('vm01,vm02'));
    writeFileSync(one, play('vm01'));
    await runWell(testbed, pair);
    const whole = readFileSync(join(testbed.folder, 'orch/testbed/inventory.yml'), 'utf8');
    writeFileSync(inventory, whole.replace(/^ {4}vm02:.*\n(?: {6}.*\n)*/m, ''));
    for (const file of [pair, one]) {
      const { code, stdout, stderr } = await testbed.orch(['destroy', file, '-i', inventory]);
      expect({ code, stdout, stderr }).toMatchObject({
        code: 0,
        stdout: expect.not.stringContaining('vm02:'),
        stderr: expect.stringContaining('a recorded run was on vm02 too'),
      });
    }
    await destroyed(one);
  });

  it('is taken back although the agent was killed in the middle', async () => {
    const run = testbed.start(['run', slow]);
    await inTheMiddle();
    expect(await testbed.on('vm02', `kill -9 ${await testbed.agentPid('vm02')}; pkill -x sleep`)).toMatchObject({
      code: 0,
    });
    const { code, stdout } = await run.ended;
    expect(code, stdout).toBe(2);
    expect(stdout).toContain('vm02');
    expect(await hostStates(testbed)).not.toEqual(before);
    await destroyed(slow);
  });

  it('is taken back although the controller was killed in the middle', async () => {
    const run = testbed.start(['run', slow]);
    await inTheMiddle();
    run.kill('SIGKILL');
    await run.ended;
    // The run is taken back once its 30 s to be confirmed are over, which takes its own time.
    await destroyed(slow, '--wait', '60');
  });

  it('has one controller at a time: the second is told of the first, or queues', async () => {
    const first = testbed.start(['run', slow]);
    await inTheMiddle();
    const refused = await runLab(testbed, slow);
    const holder = `${userInfo().username}@${hostname()}`;
    expect(refused).toMatchObject({
      exit: 2,
      failures: { vm02: { code: 'lab-locked', summary: expect.stringContaining(holder) } },
    });
    expect(refused.tasks).toEqual([]);
    const queued = await runWell(testbed, slow, '--wait', '30');
    expect(queued.hosts.vm02).toMatchObject({ changed: 1, failed: 0 });
    expect(await first.ended).toMatchObject({ code: 0 });
    await destroyed(slow);
  });

  it('that nobody named queues by itself behind another file of its name', async () => {
    const unnamed = join(testbed.folder, 'site.yml');
    writeFileSync(unnamed, slowLab.replace('  lab: slow\n', ''));
    const first = testbed.start(['run', unnamed]);
    await inTheMiddle();
    const second = await testbed.orch(['run', unnamed]);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('[vm02] Lab site is held by ') });
    expect(await first.ended).toMatchObject({ code: 0 });
    await destroyed(unnamed);
  });
});

/** Changes of each kind, then a while in which the run is cut off, then more. */
const slowLab = `
- hosts: vm02
  lab: slow
  become: true
  gather_facts: false
  tasks:
    - netns: { name: "{{ item }}" }
      loop: [ns01, ns02]
    - macvlan: { name: macvlan1, mode: bridge, parent: ens34, netns: ns01, state: up }
    - veth: { name: veth1, peer: veth2, state: up }
    - address: { address: 10.1.1.1/24, dev: veth1 }
    - route: { dst: 10.2.0.0/16, via: 10.1.1.2, dev: veth1, onlink: true }
    - rule: { from: 10.1.1.0/24, table: 100, priority: 1000 }
    - sysctl: { name: net.ipv4.conf.ens34.rp_filter, value: 2 }
    - sysctl: { name: net.ipv4.ip_forward, value: 1 }
    - command: sleep 3.25
    - netns: { name: ns03 }
    - macvlan: { name: macvlan3, mode: bridge, parent: ens34, netns: ns03, state: up }
`;
