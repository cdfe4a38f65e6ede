import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultsLab, faultsLab } from './faults-lab.ts';

/*
 * The controller's way to vm01 leads through a VXLAN tunnel: the host's address is on it, and its outer packets go between
 * 10.99.0.1 at the gateway and 10.99.0.10 on the uplink.
 */
describe('a host that is reached through a tunnel', () => {
  let lab: FaultsLab;
  const tunnel = (local: string, remote: string) =>
    `ip link add vx9 type vxlan id 9 local ${local} remote ${remote} dstport 4789 && ip link set vx9 up`;

  beforeAll(async () => {
    lab = await faultsLab(1);
    const moves = [
      'sleep 1',
      'ip address add 10.99.0.10/24 dev ens34',
      tunnel('10.99.0.10', '10.99.0.1'),
      'ip address delete 172.16.91.10/24 dev ens34',
      'ip address add 172.16.91.10/32 dev vx9',
      'ip route replace default dev vx9',
    ].join(' && ');
    // The way that the command itself comes by goes with it.
    await lab.on('vm01', `setsid sh -c '${moves}' > /dev/null 2>&1 < /dev/null &`);
    const gateway = `ip address add 10.99.0.1/24 dev br0 && ${tunnel('10.99.0.1', '10.99.0.10')} && ip route add 172.16.91.10/32 dev vx9`;
    const pid = String(lab.testbed.state().processes.gateway?.pid);
    execFileSync('nsenter', ['--target', pid, '--net', 'sh', '-c', gateway]);
    while (!(await lab.on('vm01', 'ip route show default')).includes('dev vx9')) await sleep(200);
  });
  afterAll(() => lab.end());

  it.each([
    ['route 10.99.0.1/32', { route: { dst: '10.99.0.1', dev: 'ens34' } }],
    ['address 10.99.0.9/24 on ens34', { address: { address: '10.99.0.9/24', dev: 'ens34' } }],
    ['rule 90', { rule: { priority: 90, from: '10.99.0.10', table: 90 } }],
  ])("is under confirmation unasked when a task changes the tunnel's own way: %s", async (object, task) => {
    const ran = await lab.run('beneath', { vm01: {} }, [{ name: 'beneath', ...task }]);
    expect(ran.stdout).toContain(`this run touches the controller's way to this host (${object}`);
    expect({ code: ran.code, kept: ran.report.settled?.kept }).toEqual({ code: 0, kept: true });
    const undone = await lab.testbed.orch(['rollback', '-i', 'hosts.yml'], { cwd: ran.folder });
    expect(undone).toMatchObject({ code: 0, stdout: expect.stringContaining('vm01: undone 1, left 0, failed 0') });
  });

  it('is back when its tunnel lost what carries it', async () => {
    const cut = { name: 'cut', address: { address: '10.99.0.10/24', dev: 'ens34', state: 'absent' } };
    const ran = await lab.run('cut', { vm01: {} }, [cut], { args: ['--confirm', '4'] });
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('vm01: taken back (it was not confirmed within 4 s)');
    expect(await lab.on('vm01', 'ip -brief address show dev ens34')).toContain('10.99.0.10/24');
  });
});
