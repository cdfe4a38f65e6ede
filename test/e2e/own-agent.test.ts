import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';

/* The workstation's own agent, which serves `connection: local`. */

const workstation = ownTestbed();
const notes = join(workstation.folder, 'orch/local/run/agent.json');
afterEach(() => {
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
