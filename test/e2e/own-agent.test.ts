import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';
import { Terminal } from './terminal.ts';

/* The workstation's own agent, which serves `connection: local`. */

let workstation: OwnTestbed;
beforeEach(() => {
  workstation = ownTestbed();
});
afterEach(() => {
  const notes = join(workstation.folder, 'orch/local/run/agent.json');
  if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid);
  return workstation.end();
});

test('runs that find none at the same time start one', async () => {
  const playbooks = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => join(workstation.folder, `${name}.yml`));
  for (const playbook of playbooks) {
    writeFileSync(playbook, '- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks: [ping: {}]\n');
  }
  const runs = await Promise.all(playbooks.map((playbook) => workstation.orch(['run', playbook])));
  expect(runs.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual(playbooks.map(() => 0));
  const log = readFileSync(join(workstation.folder, 'orch/local/agent.log'), 'utf8').trim();
  expect(log.split('\n').map((line) => JSON.parse(line).message)).toEqual(['serving']);
}, 60_000);

/** A play of a task that takes a while, and another. */
function slowPlay(): string {
  const playbook = join(workstation.folder, 'slow.yml');
  const tasks = 'tasks: [{ command: sleep 1 }, { shell: echo "second one" }]';
  writeFileSync(playbook, `- hosts: localhost\n  connection: local\n  gather_facts: false\n  ${tasks}\n`);
  return playbook;
}

test('a run without a terminal outlives a hang-up, as nohup wants it', async () => {
  const { code, stdout } = await workstation.orch(['run', slowPlay()], { kill: [/PLAY \[/], signal: 'SIGHUP' });
  expect(stdout).toContain('ok=2    changed=2');
  expect(code).toBe(0);
});

test('a run whose terminal is gone ends once its running tasks have', async () => {
  const playbook = slowPlay();
  const { folder } = workstation;
  const env = { ...process.env, XDG_STATE_HOME: folder };
  const program = join(import.meta.dirname, '../../dist/orch.js');
  const terminal = new Terminal(`cd ${folder}; ${process.execPath} ${program} run ${playbook}`, env);
  await terminal.shows(/PLAY \[/);
  terminal.end();
  const report = join(folder, '.orch/runs/last/report.json');
  for (const until = Date.now() + 20_000; !existsSync(report) && Date.now() < until; ) await sleep(50);
  const { exit, tasks } = JSON.parse(readFileSync(report, 'utf8'));
  expect({ exit, tasks: tasks.length }).toEqual({ exit: 130, tasks: 1 });
});

test('localhost needs no SSH for other commands either, nor an inventory that has it', async () => {
  const { orch } = workstation;
  expect(await orch(['exec', 'localhost', '--', 'echo', 'here'])).toMatchObject({ code: 0, stdout: 'here\n' });
  const status = await orch(['status', '-l', 'localhost']);
  expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1 agent serving') });
});
