import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';
import { Terminal } from './terminal.ts';

/* `orch run --watch`: what is a part of a run has it run again. Hosts are this one. */

const program = join(import.meta.dirname, '../../dist/orch.js');

let workstation: OwnTestbed;
let project: string;
let terminal: Terminal;
beforeEach(() => {
  workstation = ownTestbed();
  project = join(workstation.folder, 'project');
  mkdirSync(join(workstation.folder, 'out'));
});
afterEach(async () => {
  terminal.end();
  await terminal.ended;
  const notes = join(workstation.folder, 'orch/local/run/agent.json');
  if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid);
  await workstation.end();
});

/** Starts it on a terminal. */
function watch(playbook: string, ...options: string[]): void {
  const command = [program, 'run', playbook, '-e', `out=${workstation.folder}/out`, '--watch', ...options].join(' ');
  const env = { ...process.env, XDG_STATE_HOME: workstation.folder, NO_COLOR: '1' };
  terminal = new Terminal(`cd ${project}; exec ${process.execPath} ${command}`, env);
}

const local = '- hosts: localhost\n  connection: local\n  lab: again\n  gather_facts: false\n';

/** A project of one playbook. */
function write(tasks: string): void {
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'lab.yml'), `${local}  tasks:\n${tasks}`);
}

const waits = /orch: watching \d+ files/;

/** Exchanges a file in one go: a disk that stalls between emptying and writing it would have a run see it empty, and the next one whole. */
function save(path: string, text: string): void {
  const fresh = join(workstation.folder, 'fresh');
  writeFileSync(fresh, text);
  chmodSync(fresh, statSync(path).mode);
  renameSync(fresh, path);
}

/** Paths of all files in a folder, by their names in it. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

test('each file of a project has it run again, by what it says now', async () => {
  cpSync(join(import.meta.dirname, 'watched'), project, { recursive: true });
  const out = join(workstation.folder, 'out');
  const files = filesIn(project);
  expect(files.length).toBeGreaterThan(30);
  watch('site.yml', '-i', 'inventory');
  await terminal.shows(/exit 0 /);
  await terminal.shows(waits);
  for (const [at, file] of files.entries()) {
    const before = terminal.screen.length;
    const path = join(project, file);
    save(path, readFileSync(path, 'utf8').replace(/\bv1\b/g, `v2-${at}.`));
    await terminal.shows(new RegExp(`running again: ${file}\\r`));
    await terminal.shows(/exit 0 /);
    await terminal.shows(waits);
    const made = filesIn(out).map((name) => readFileSync(join(out, name), 'utf8'));
    expect([terminal.screen.slice(before), ...made].join('\n'), file).toContain(`v2-${at}.`);
  }
}, 120_000);

test('what is new, wrong or missing has it run again; a person asks for it, and leaves', async () => {
  write('    - debug: { msg: "{{ word | default(1) }}" }\n');
  watch('lab.yml');
  await terminal.shows(/"msg": 1[\s\S]*orch: watching/);
  mkdirSync(join(project, 'host_vars'));
  writeFileSync(join(project, 'host_vars/localhost.yml'), 'word: "a new one"\n');
  await terminal.shows(/running again: host_vars[\s\S]*a new one[\s\S]*orch: watching/);
  write('    - debugg: {}\n    - include_tasks: none.yml\n');
  await terminal.shows(/lab\.yml:6:7: [\s\S]*did you mean 'debug'[\s\S]*orch: watching/);
  write('    - include_tasks: none.yml\n');
  await terminal.shows(/running again: lab\.yml[\s\S]*none\.yml[\s\S]*orch: watching/);
  writeFileSync(join(project, 'none.yml'), '- debug: { msg: "there now" }\n');
  await terminal.shows(/running again: none\.yml[\s\S]*there now[\s\S]*orch: watching/);
  terminal.type('\n');
  await terminal.shows(/orch: running again[\s\S]*there now[\s\S]*orch: watching/);
  terminal.type('\x03');
  expect(await terminal.ended).toBe(0);
});

test('a file that the run itself writes each time has it run again once', async () => {
  write(
    '    - include_vars: own.yml\n    - copy: { dest: "{{ playbook_dir }}/own.yml", content: "at: {{ now() }}" }\n',
  );
  writeFileSync(join(project, 'own.yml'), 'at: never\n');
  watch('lab.yml');
  await terminal.shows(waits);
  await terminal.shows(/running again: own\.yml/);
  await terminal.shows(waits);
  const { length } = terminal.screen;
  await sleep(500);
  expect(terminal.screen.slice(length).trim()).toBe('');
});

test('Ctrl-C in a run ends all', async () => {
  write('    - wait_for: { timeout: 1 }\n    - fail: {}\n');
  watch('lab.yml');
  await terminal.shows(/PLAY \[/);
  terminal.type('\x03');
  expect(await terminal.ended).toBe(130);
  expect(terminal.screen).not.toMatch(waits);
});
