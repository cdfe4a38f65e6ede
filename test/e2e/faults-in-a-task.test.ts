import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultsLab, faultsLab, hello, said, silent } from './faults-lab.ts';

/*
 * What goes wrong while a task runs: each ends within its deadline, with what happened and what to do said for that
 * host, while the others finish; the next run goes on.
 */

let lab: FaultsLab;

beforeAll(async () => {
  lab = await faultsLab(14);
});

afterAll(async () => {
  await lab.end();
});

/** Three tasks; the second takes that many seconds, a number that nobody else on this machine sleeps. */
const steps = (seconds: number) => [
  { name: 'before', command: 'true' },
  { name: 'long', command: `sleep ${seconds}` },
  { name: 'after', command: 'true' },
];

/** Processes of all hosts that sleep so long; the hosts' pids are seen from here. */
function sleeping(seconds: number): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });
}

const asleep = (seconds: number, count: number) =>
  expect.poll(() => sleeping(seconds).length, { timeout: 20_000, interval: 100 }).toBe(count);

/** Kills all of a host, as when its power goes. */
function killHost(name: string): void {
  const pid = lab.testbed.state().processes[name]?.pid ?? 0;
  process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), 'SIGKILL');
}

describe.concurrent('while a task runs', () => {
  it('an agent or a whole host dies: told within 40 s, the other host finishes', async () => {
    const hosts = { vm01: {}, vm02: {}, vm03: {} };
    const running = lab.run('dies', hosts, steps(4.0123));
    await asleep(4.0123, 3);
    await lab.on('vm02', `kill -9 ${await lab.testbed.agentPid('vm02')}`);
    killHost('vm03');
    const ran = await running;
    expect(ran.code).toBe(2);
    expect(ran.report.hosts).toMatchObject({
      vm01: { ok: 3, unreachable: 0 },
      vm02: { ok: 1, unreachable: 1 },
      vm03: { ok: 1, unreachable: 1 },
    });
    expect(said(ran, 'vm02')).toMatch(
      /^vm02 \| long .*The connection to the agent broke.*\n.*started anew.*\n.*hint: Run the playbook again/,
    );
    expect(said(ran, 'vm03')).toMatch(
      /^vm03 \| long .*The connection to the agent broke.*\n.*(127.0.0.1 port|not reached again within 20 s).*\n(.*\n)*.*hint: .* run the playbook again/,
    );
    expect(ran.seconds).toBeLessThan(40);

    expect(await lab.testbed.orch(['testbed', 'up'])).toMatchObject({ code: 0 });
    expect(await lab.run('dies', hosts, [hello])).toMatchObject({ code: 0, report: { failures: {} } });
  });

  it('an agent is told to end: its host is lost, and nobody was interrupted', async () => {
    const tasks = steps(4.0131).map((step) => ({ ...step, ignore_errors: true }));
    const running = lab.run('ended', { vm12: {} }, tasks);
    await asleep(4.0131, 1);
    await lab.on('vm12', `kill ${await lab.testbed.agentPid('vm12')}`);
    const ran = await running;
    expect(ran).toMatchObject({ code: 2, report: { hosts: { vm12: { ok: 1, failed: 0, unreachable: 1 } } } });
    expect(said(ran, 'vm12')).toContain('The agent was told to end. [connection-lost]');
    expect(await lab.run('ended', { vm12: {} }, [hello])).toMatchObject({ code: 0 });
  });

  it('Ctrl-C once: what runs ends, nothing else begins', async () => {
    const ran = await lab.run('once', { vm04: {}, vm05: {} }, steps(3.0123), { kill: [/TASK \[before\]/] });
    expect(ran).toMatchObject({ code: 130, report: { exit: 130, hosts: { vm04: { ok: 2 }, vm05: { ok: 2 } } } });
    expect(ran.stderr).toContain('stopping once the running tasks have ended; Ctrl-C again cancels them');
    expect(ran.stdout).toMatch(/TASK \[long\].*\n(changed: .*\n){2}/);
    expect(ran.stdout).not.toContain('TASK [after]');
    expect(ran.seconds).toBeLessThan(15);
    expect(await lab.run('once', { vm04: {}, vm05: {} }, [hello])).toMatchObject({ code: 0 });
  });

  it('Ctrl-C twice: what runs is cancelled at once', async () => {
    const forever = [
      { name: 'before', command: 'true' },
      { name: 'forever', command: 'sleep 3000.0123' },
    ];
    const kill = [/TASK \[before\]/, /stopping once/];
    const ran = await lab.run('twice', { vm06: {}, vm07: {} }, forever, { kill });
    expect(ran).toMatchObject({ code: 130, report: { exit: 130 } });
    expect(ran.stderr).toContain('cancelling what runs');
    expect(sleeping(3000.0123)).toEqual([]);
    expect(ran.seconds).toBeLessThan(10);
    expect(await lab.run('twice', { vm06: {}, vm07: {} }, [hello])).toMatchObject({ code: 0 });
  });

  it('the controller is killed: the lab is free for the next run once its task has ended', async () => {
    const killed = lab.run('alone', { vm08: {} }, steps(4.0124), { kill: [/TASK \[before\]/], signal: 'SIGKILL' });
    await expect(killed).rejects.toThrow('report.json');
    const refused = await lab.run('alone', { vm08: {} }, [hello]);
    expect(refused.code).toBe(2);
    expect(said(refused, 'vm08')).toMatch(/^vm08: Lab alone is held by \S+@\S+:\d+\. \[lab-locked\]\n.*hint: .*--wait/);
    const next = await lab.run('alone', { vm08: {} }, [hello], { args: ['--wait', '20'] });
    expect(next).toMatchObject({ code: 0 });
    expect(next.seconds).toBeLessThan(15);
  });

  it('an agent of another version is at work: refused, then replaced', async () => {
    const dist = join(import.meta.dirname, '../../dist');
    const other = join(lab.testbed.folder, 'other');
    execFileSync('cp', ['-r', dist, other]);
    writeFileSync(join(other, 'agent.cjs'), `${readFileSync(join(other, 'agent.cjs'), 'utf8')}\n// another\n`);
    const theirs = lab.run('theirs', { vm09: {} }, steps(9.0125), { program: join(other, 'orch.js') });
    await asleep(9.0125, 1);
    const busy = await lab.run('ours', { vm09: {}, vm10: {} }, [hello]);
    expect(busy).toMatchObject({ code: 2, report: { hosts: { vm10: { ok: 1 } } } });
    expect(said(busy, 'vm09')).toMatch(
      /another version .* has a run under way. \[version-skew\]\n.*hint: Wait for that run to end/,
    );
    expect(await theirs).toMatchObject({ code: 0 });
    expect(await lab.run('ours', { vm09: {}, vm10: {} }, [hello])).toMatchObject({ code: 0 });
  });

  it('a program prints without end or newline: a part is kept, and the rest counted', async () => {
    const flood = { name: 'flood', shell: 'head -c 64M /dev/zero | tr "\\0" x', register: 'flood' };
    const length = { name: 'length', debug: { msg: '{{ flood.stdout | length }} {{ flood.stdout[-40:] }}' } };
    const ran = await lab.run('flood', { vm12: {} }, [flood, length]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/41943\d\d x+\n?.*\[62914560 more bytes were cut\]/);
    expect(ran.stdout.length).toBeLessThan(2_000);
    expect(ran.seconds).toBeLessThan(15);
  });

  it('an agent hangs: told with its process, and once that is ended the next run goes on', async () => {
    expect(await lab.run('hangs', { vm13: {} }, [hello])).toMatchObject({ code: 0 });
    const pid = await lab.testbed.agentPid('vm13');
    await lab.on('vm13', `kill -STOP ${pid}`);
    const ran = await lab.run('hangs', { vm13: {} }, [hello], { args: ['-T', '2'] });
    expect(ran.code).toBe(2);
    expect(said(ran, 'vm13')).toMatch(
      /The agent serves, but does not answer through SSH\. .*\n.*\n.*hint: .*kill -9 (\d+)/,
    );
    expect(said(ran, 'vm13')).toContain(`kill -9 ${pid}`);
    expect(ran.seconds).toBeLessThan(12);
    await lab.on('vm13', `kill -9 ${pid}`);
    expect(await lab.run('hangs', { vm13: {} }, [hello])).toMatchObject({ code: 0 });
  });

  it('the port of a warm agent is blocked: the run goes through the tunnel', async () => {
    let open = true;
    const port = Number(lab.vars('vm14').orch_agent_port);
    const gate = await lab.port((socket) => {
      if (open) socket.pipe(connect({ host: '127.0.0.1', port }).on('error', () => socket.destroy())).pipe(socket);
    });
    const vm14 = { orch_agent_port: gate };
    const run = () => lab.run('gate', { vm14 }, [hello], { args: ['-vv'] });
    expect((await run()).stdout).toMatch(/vm14: connected by tls, cold/);
    expect((await run()).stdout).toMatch(/vm14: connected by tls, warm/);
    open = false;
    const blocked = await run();
    expect(blocked).toMatchObject({ code: 0, stdout: expect.stringMatching(/vm14: connected by tunnel, cold/) });
    expect(blocked.seconds).toBeLessThan(12);
  });

  it('Ctrl-C while a host does not answer: ends at once', async () => {
    const ran = await lab.run('waits', { vm01: { ansible_port: await lab.port(silent()) } }, [hello], {
      kill: [/^lab waits/],
    });
    expect(ran).toMatchObject({ code: 130, report: { exit: 130 } });
    expect(ran.seconds).toBeLessThan(6);
  });

  it('the disk is full when changes must be recorded: no more are made, and all that were can be taken back', async () => {
    // Enough for the ledger to need another page of memory, in the middle of a line.
    const add = [{ name: 'add', netns: { name: 'full{{ item }}' }, loop: Array.from({ length: 40 }, (_, at) => at) }];
    const resize = (size: string) => lab.on('vm11', `mount -o remount,size=${size} /var/lib/orch`);
    const namespaces = async () => (await lab.on('vm11', 'ip netns')).split('\n').length - 1;
    expect(await lab.run('full', { vm11: {} }, [{ netns: { name: 'first' } }])).toMatchObject({ code: 0 });
    await resize('$(df -Pk /var/lib/orch | { read -r _; read -r _ _ used _; echo "$used"; })k');
    const ran = await lab.run('full', { vm11: {}, vm12: {} }, add);
    expect(ran).toMatchObject({ code: 2, report: { hosts: { vm11: { failed: 1 }, vm12: { changed: 1 } } } });
    expect(said(ran, 'vm11')).toMatch(
      /^vm11 \| add .*ledger.* nothing was changed.*\[ledger-failed\]\n.*hint: Make room/,
    );
    expect(await namespaces()).toBeLessThan(40);

    await resize('1g');
    expect(await lab.run('full', { vm11: {}, vm12: {} }, add)).toMatchObject({ code: 0 });
    expect(await namespaces()).toBe(41);
    // The next agent knows of the lab what the file says.
    await lab.on('vm11', `kill -9 ${await lab.testbed.agentPid('vm11')}`);
    const cwd = join(lab.testbed.folder, 'full');
    const gone = await lab.testbed.orch(['destroy', 'lab.yml', '-i', 'hosts.yml'], { cwd });
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.stdout).not.toContain('WARNING');
    expect(await namespaces()).toBe(0);
  });
});
