import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';
import { Terminal } from './terminal.ts';

const testbed = ownTestbed();
const built = join(import.meta.dirname, '../../dist/orch.js');
const env = { ...process.env, XDG_STATE_HOME: testbed.folder };

const playbook = `
- hosts: vm02
  lab: programs
  tasks:
    - netns: ns01
    - daemon: { name: talker, netns: ns01, argv: [sh, -c, "echo one; echo two; exec sleep 1000"], ready: { log: two } }
`;

beforeAll(async () => {
  await testbed.up('netns');
  writeFileSync(join(testbed.folder, 'programs.yml'), playbook);
  const run = await testbed.orch(['run', 'programs.yml']);
  expect(run.code, run.stdout + run.stderr).toBe(0);
});
afterAll(() => testbed.end());

const exec = (...args: string[]) => testbed.orch(['exec', ...args]);

describe('orch exec', () => {
  test.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
  ])('%s gives its exit code', async (script, code) => {
    expect(await exec('vm02', '--', 'sh', '-c', script)).toEqual({ code, stdout: '', stderr: '' });
  });

  test('the program is in the namespace, with the words and variables it was given', async () => {
    const script = 'ip -br link | cut -d" " -f1; pwd; echo "$A $1 $2"; echo wrong >&2';
    const said = await exec('-e', 'A=a b', '--chdir', '/tmp', 'vm02/ns01', 'sh', '-c', script, 'x', '$(y) *', '-i');
    expect(said).toEqual({ code: 0, stdout: 'lo\n/tmp\na b $(y) * -i\n', stderr: 'wrong\n' });
  });

  test('megabytes of anything go there and back', () => {
    const input = randomBytes(8 * 1024 * 1024);
    const back = spawnSync(process.execPath, [built, 'exec', 'vm02', '--', 'cat'], {
      ...{ env, input, cwd: testbed.folder, maxBuffer: 2 * input.length },
    });
    expect(back.status).toBe(0);
    expect(back.stdout.equals(input)).toBe(true);
  });

  test('a reader that is slow is waited for; one that leaves ends the program', async () => {
    const child = spawn(process.execPath, [built, 'exec', 'vm02', '--', 'yes'], { env, cwd: testbed.folder });
    await once(child.stdout, 'readable');
    await sleep(1000);
    const status = await testbed.orch(['status', '--output', 'json', '--limit', 'vm02']);
    expect(JSON.parse(status.stdout)[0].agent.rssBytes).toBeLessThan(160 * 1024 * 1024);
    child.stdout.destroy();
    await once(child, 'exit');
    expect(child.exitCode).toBe(141);
    expect((await exec('vm02', '--', 'sh', '-c', 'while pgrep -x yes; do sleep 0.1; done; echo gone')).stdout).toMatch(
      /gone\n$/,
    );
  });

  test('Ctrl-C is passed on, and a second one kills', async () => {
    const wait = 'echo up; while :; do sleep 0.1; done';
    const [polite, deaf] = await Promise.all([
      testbed.orch(['exec', 'vm02', '--', 'sh', '-c', `trap "echo got it; exit 5" INT; ${wait}`], { kill: [/up/] }),
      testbed.orch(['exec', 'vm02', '--', 'sh', '-c', `trap "echo deaf" INT; ${wait}`], { kill: [/up/, /deaf/] }),
    ]);
    expect(polite).toMatchObject({ code: 5, stdout: 'up\ngot it\n' });
    expect(deaf).toMatchObject({ code: 137 });
  });

  test('a deadline ends it', async () => {
    const { code, stderr } = await exec('--deadline', '0.3', 'vm02', '--', 'sleep', '1000');
    expect([code, stderr]).toEqual([124, 'orch: vm02: ended after 0.3 s (--deadline)\n']);
  });

  test('several hosts run it side by side', async () => {
    const { code, stdout, stderr } = await exec(
      'all',
      '--',
      'sh',
      '-c',
      'hostname; printf end; [ $(hostname) = vm01 ]',
    );
    expect(stdout.split('\n').sort()).toEqual(['', 'vm01 | end', 'vm01 | vm01', 'vm02 | end', 'vm02 | vm02']);
    expect([code, stderr]).toEqual([2, 'vm02 | exit code 1\n']);
  });

  test.each([
    [['vm2', '--', 'true'], 4, "did you mean 'vm02'?"],
    [['vm02/', '--', 'true'], 4, 'is no endpoint'],
    [['vm02', '-T', '5'], 4, '-T is no program to run'],
    [['vm02'], 4, 'There is no program to run.'],
    [['--deadline', 'soon', 'vm02', '--', 'true'], 4, '--deadline takes a number'],
    [['vm02/ns1', '--', 'true'], 255, 'There are: ns01.'],
    [['vm02', '--', 'no-such-program'], 255, 'no such program'],
  ])('%j says what is wrong', async (args, code, says) => {
    const said = await exec(...args);
    expect([said.code, said.stdout]).toEqual([code, '']);
    expect(said.stderr).toContain(says);
  });

  test('a host that is lost is told from a program that failed', async () => {
    const pid = await testbed.agentPid('vm02');
    const { code, stderr } = await exec('vm02', '--', 'sh', '-c', `kill -9 ${pid}; sleep 1`);
    expect(code).toBe(255);
    expect(stderr).toContain('[connection-lost]');
  });
});

describe('orch logs', () => {
  test('shows the last lines', async () => {
    expect(await testbed.orch(['logs', 'vm02/ns01', 'talker', '-n', '1'])).toMatchObject({ code: 0, stdout: 'two\n' });
    expect(await testbed.orch(['logs', 'vm02/ns01', 'talker'])).toMatchObject({ code: 0, stdout: 'one\ntwo\n' });
  });

  test('follows until Ctrl-C, which is no failure', async () => {
    const followed = await testbed.orch(['logs', 'vm02/ns01', 'talker', '-f'], { kill: [/two/] });
    expect(followed).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
  });

  test('says what there is', async () => {
    const { code, stderr } = await testbed.orch(['logs', 'vm02', 'talker']);
    expect(code).toBe(2);
    expect(stderr).toContain("There is no daemon talker in the host's own namespace.");
    expect(stderr).toContain('There are: ns01/talker.');
    expect((await testbed.orch(['logs', 'all', 'talker'])).stderr).toContain('names 2 hosts: vm01, vm02');
  });
});

describe('orch shell', () => {
  const shell = (endpoint: string) => new Terminal(`${process.execPath} ${built} shell ${endpoint}`, env);

  test('is a terminal: its size follows, Ctrl-C is a key, the exit code comes back', async () => {
    const terminal = shell('vm02/ns01');
    try {
      const [tty] = await terminal.shows(/\/dev\/pts\/\d+/);
      await terminal.shows(/\(vm02\/ns01\) /);
      terminal.type('stty size; ip -br link\r');
      await terminal.shows(/[\r\n]24 80\r/);
      await terminal.shows(/lo .*DOWN/);
      terminal.resize(tty, 40, 132);
      // The new size is on its way.
      terminal.type('until [ "$(stty size)" = "40 132" ]; do sleep 0.05; done; echo larg""er\r');
      await terminal.shows(/larger/);
      // Said by the job itself: a Ctrl-C before it has the terminal is taken by the shell, which waits on.
      terminal.type(`sh -c 'echo be""gun; exec sleep 1000'\r`);
      await terminal.shows(/begun/);
      terminal.type('\u0003');
      await terminal.shows(/\) /);
      terminal.type('echo "status $?"; exit 9\r');
      await terminal.shows(/status 130/);
      expect(await terminal.ended).toBe(9);
    } finally {
      terminal.end();
    }
  });

  test('sets the terminal back when the connection breaks, and says so', async () => {
    const terminal = new Terminal(`${process.execPath} ${built} shell vm01; echo "code $?"; stty -a`, env);
    try {
      await terminal.shows(/\(vm01\) /);
      await testbed.on(
        'vm01',
        'for p in $(pgrep sshd); do [ $(ps -o tty= -p $p) = "?" ] && [ $p != $(pgrep -o sshd) ] && kill -9 $p; done',
      );
      await terminal.shows(/\[connection-lost\]/);
      await terminal.shows(/code 255/);
      await terminal.shows(/ icanon/);
    } finally {
      terminal.end();
    }
  });

  test('needs a terminal, and says where there is no such namespace', async () => {
    const bare = await testbed.orch(['shell', 'vm02']);
    expect([bare.code, bare.stderr.includes('needs a terminal')]).toEqual([4, true]);
    const terminal = shell('vm02/ns09');
    await terminal.shows(/no network namespace ns09; there are: ns01/);
    expect(await terminal.ended).toBe(255);
  });
});

test('nothing is left', async () => {
  expect((await testbed.orch(['destroy', 'programs.yml'])).code).toBe(0);
  const { stdout } = await testbed.on(
    'vm02',
    'pgrep -x sleep; ls -d /var/lib/orch/daemons 2>/dev/null; ls /run/netns; echo nothing',
  );
  expect(stdout).toBe('nothing\n');
});
