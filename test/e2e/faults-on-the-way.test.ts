import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultsLab, faultsLab, hello, type Ran, said, silent } from './faults-lab.ts';

/*
 * What goes wrong on the way to a host: each ends within its deadline, with what happened and what to do said for that
 * host, while the others finish; the next run repairs.
 */

let lab: FaultsLab;

beforeAll(async () => {
  lab = await faultsLab(12);
});

afterAll(async () => {
  await lab.end();
});

describe('on the way to a host', () => {
  /** For each wait. */
  const timeout = 3;
  let broken: Ran;
  let repaired: Ran;

  beforeAll(async () => {
    const known = readFileSync(join(lab.testbed.folder, 'orch/testbed/known_hosts'), 'utf8');
    const wrongKey = join(lab.testbed.folder, 'wrong_known_hosts');
    const [, , other = ''] = known.split('\n');
    writeFileSync(wrongKey, other.replace(/^\S+/, `[127.0.0.1]:${lab.vars('vm02').ansible_port}`));
    await Promise.all([
      lab.on('vm06', 'useradd -m guest && echo guest:sesame | chpasswd'),
      lab.on('vm08', 'mount -o remount,size=64k /var/lib/orch'),
      lab.on('vm09', 'mount -o remount,nr_inodes=6 /var/lib/orch'),
      ...['vm10', 'vm12'].map((host) => lab.on(host, 'while node=$(command -v node); do rm "$node"; hash -r; done')),
    ]);
    broken = await lab.run(
      'way',
      {
        vm01: {},
        vm02: { ansible_ssh_common_args: `-o UserKnownHostsFile=${wrongKey}` },
        vm03: { ansible_port: 1 },
        vm04: { ansible_port: await lab.port(silent()) },
        vm05: { ansible_port: await lab.port(silent('SSH-2.0-OpenSSH_9.9\r\n')) },
        vm06: { ansible_user: 'guest', ansible_become_password: 'sesame' },
        // sudo itself waits for two seconds before it refuses.
        vm07: { ansible_user: 'lab', ansible_become_password: 'wrong', ansible_ssh_timeout: 15 },
        vm08: {},
        vm09: {},
        vm10: { orch_node: '/etc/hostname' },
        vm11: { orch_agent_port: await lab.port(silent()) },
        vm12: {},
      },
      [hello],
      { args: ['-T', String(timeout), '-vv'] },
    );
    await Promise.all([
      lab.on('vm06', "echo 'guest ALL=(ALL) ALL' > /etc/sudoers.d/guest"),
      lab.on('vm08', 'mount -o remount,size=1g /var/lib/orch'),
      lab.on('vm09', 'mount -o remount,nr_inodes=10000 /var/lib/orch'),
    ]);
    const password = lab.testbed.state().labPassword;
    const hosts = Array.from({ length: 12 }, (_, index) => `vm${String(index + 1).padStart(2, '0')}`);
    const right = Object.fromEntries(hosts.map((host) => [host, {}]));
    repaired = await lab.run(
      'way',
      {
        ...right,
        vm06: { ansible_user: 'guest', ansible_become_password: 'sesame' },
        vm07: { ansible_user: 'lab', ansible_become_password: password },
      },
      [hello],
    );
  });

  it.each([
    [
      'vm02',
      /presents ssh-ed25519 key SHA256:\S+, but \S+wrong_known_hosts:1 has another key.*\[host-key-changed\]\n.*\n.*hint: .*ssh-keygen -f '\S+wrong_known_hosts' -R/,
    ],
    [
      'vm03',
      /No connection to 127.0.0.1 port 1: connection refused. \[host-unreachable\]\n.*hint: Is sshd running there/,
    ],
    [
      'vm04',
      /port \d+ accepted the connection and then said nothing within 3 s. \[connect-timeout\]\n.*hint: Is the host overloaded, or is that no sshd/,
    ],
    [
      'vm05',
      /port \d+ greeted and then did not go on with the SSH handshake within 3 s. \[connect-timeout\]\n.*hint: Is the host overloaded, or is that no sshd/,
    ],
    [
      'vm06',
      /The login user may not become root. \[become-failed\]\n.*guest is not in the sudoers file.*\n.*hint: Allow it in sudoers/,
    ],
    ['vm07', /sudo refused the password. \[become-failed\]\n(.*\n)?.*hint: Give the right one with --ask-become-pass/],
    [
      'vm08',
      /The disk is full: \/var\/lib\/orch has 64 KiB left, and the agent needs \d+ KiB. \[bootstrap-failed\]\n.*hint: Free space/,
    ],
    ['vm09', /The disk is full: \/var\/lib\/orch\S* cannot be written. \[bootstrap-failed\]\n.*\n.*hint: Free space/],
    [
      'vm10',
      /needs Node 20 or later; it has no Node.* \[no-runtime\]\n.*\/etc\/hostname is not a program.*\n.*hint: .*orch_node/,
    ],
  ])('%s is told of, and what to do', (host, expected) => {
    expect(said(broken, host)).toMatch(expected);
    expect(broken.report.hosts[host]).toMatchObject({ ok: 0, unreachable: 1 });
  });

  it('does not keep the others: they are reached where the port is closed or Node is missing', () => {
    expect(broken.report.hosts).toMatchObject({ vm01: { ok: 1 }, vm11: { ok: 1 }, vm12: { ok: 1 } });
    expect(broken.stdout).toMatch(/vm11: connected by tunnel, cold/);
    expect(broken.code).toBe(2);
  });

  it('ends in time: two waits, and 15 s for a loaded machine to bring a Node along', () => {
    expect(broken.seconds).toBeLessThan(2 * timeout + 15);
  });

  it('is repaired by the next run', () => {
    expect(repaired).toMatchObject({ code: 0, report: { failures: {} } });
  });
});
