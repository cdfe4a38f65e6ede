import { type SpawnOptions, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Report } from '../../controller/report/types.ts';
import { foldersIn } from '../folders.ts';
import { type Ended, type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** The playbooks: a folder each, with roles, variables, a vault and the inventory's groups. */
const playsFolder = join(import.meta.dirname, 'plays');
export const plays = foldersIn(playsFolder);

const hosts = ['vm01', 'vm02'];

/** A program that plays a playbook, which must go well, by words of ansible-playbook. Gives its recap, a line for each host. */
export type Play = (name: string, ...options: string[]) => Promise<readonly string[]>;

/** Two hosts on which the playbooks can be played, and a copy of them. */
export interface PlaysTestbed {
  readonly testbed: OwnTestbed;
  /** The arguments for a playbook, but for the program's own. */
  words(name: string): readonly string[];
  /** The folder of the copy. */
  folder(name: string): string;
  /** Fresh hosts, and playbooks. */
  reset(): Promise<void>;
  /** What there is on the hosts that playbooks can change. */
  state(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** What the playbook registered, by host and name; after a run only. */
  registered(): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>>;
}

const hostScript = readFileSync(join(playsFolder, 'host.sh'), 'utf8');
const stateScript = readFileSync(join(playsFolder, 'state.sh'), 'utf8');

async function output(testbed: OwnTestbed, host: string, input: string): Promise<string> {
  const { code, stdout, stderr } = await testbed.on(host, 'sh -s', input);
  expect({ code, stderr }, `on ${host}`).toMatchObject({ code: 0 });
  return stdout;
}

async function onEach<T>(work: (host: string) => Promise<T>): Promise<Readonly<Record<string, T>>> {
  return Object.fromEntries(await Promise.all(hosts.map(async (host) => [host, await work(host)] as const)));
}

/** Names that a playbook registers, in whatever file. */
function registeredNames(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yml'));
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\bregister: (\w+)/g)].map(([, name = '']) => name)))];
}

/** The playbook, and a play behind it that writes down what it registered. */
function addResults(folder: string): void {
  const values = registeredNames(folder).map((name) => `'${name}': ${name} | default('not defined')`);
  const content = `{{ {${values.join(', ')}} | to_nice_json }}`;
  const copy = { name: 'Results', copy: { content, dest: '/root/registered.json', mode: '0600' }, changed_when: false };
  const results = { hosts: hosts.join(':'), gather_facts: false, check_mode: false, tasks: [copy] };
  writeFileSync(join(folder, 'all.yml'), JSON.stringify([{ import_playbook: 'site.yml' }, results]));
}

export async function playsTestbed(): Promise<PlaysTestbed> {
  const testbed = ownTestbed();
  const prepare = () => onEach((host) => output(testbed, host, hostScript));
  const folder = (name: string) => join(testbed.folder, name);
  await testbed.up('netns');
  const copy = () => {
    for (const name of plays) {
      // With what a run has fetched.
      rmSync(folder(name), { recursive: true, force: true });
      cpSync(join(playsFolder, name), folder(name), { recursive: true });
      addResults(folder(name));
    }
  };
  await prepare();
  copy();
  return {
    testbed,
    folder,
    words: (name) => [
      ...['-i', join(testbed.folder, 'orch/testbed/inventory.yml'), '-i', join(folder(name), 'hosts.yml')],
      ...(existsSync(join(folder(name), 'vault-password')) ? ['--vault-password-file', 'vault-password'] : []),
      'all.yml',
    ],
    async reset() {
      expect(await testbed.orch(['testbed', 'reset'])).toMatchObject({ code: 0 });
      await prepare();
      copy();
    },
    state: () => onEach(async (host) => (await output(testbed, host, stateScript)).split('\n')),
    registered: () => onEach(async (host) => JSON.parse(await output(testbed, host, 'cat /root/registered.json'))),
  };
}

const counted = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const;

/** Plays by orch. */
export function byOrch({ testbed, words, folder }: PlaysTestbed): Play {
  return async (name, ...options) => {
    const { code, stdout, stderr } = await testbed.orch(['run', '--output', 'json', ...options, ...words(name)], {
      cwd: folder(name),
    });
    expect(stdout, stderr).toMatch(/^\{/);
    const report = JSON.parse(stdout) as Report;
    expect({ code, failures: report.failures }).toEqual({ code: 0, failures: {} });
    const recap = Object.entries(report.hosts).map(
      ([host, counts]) => `${host} ${counted.map((key) => `${key}=${counts[key]}`).join(' ')}`,
    );
    return recap.sort();
  };
}

/** Plays by ansible-playbook, with the settings that people choose for speed. */
export function byAnsible({ testbed, words, folder }: PlaysTestbed): Play {
  return async (name, ...options) => {
    const { code, stdout, stderr } = await run('ansible-playbook', [...options, ...words(name)], {
      cwd: folder(name),
      env: { ...process.env, ...ansibleEnv, ANSIBLE_HOME: join(testbed.folder, 'ansible') },
    });
    const recap = stdout.slice(stdout.lastIndexOf('PLAY RECAP'));
    const lines = recap.split('\n').flatMap((line) => {
      const [, host = '', counts = ''] = /^(\S+)\s*:\s*(ok=.*)/.exec(line) ?? [];
      return host === '' ? [] : [`${host} ${counts.trim().replace(/\s+/g, ' ')}`];
    });
    expect(code, `${stdout.slice(-20_000)}${stderr}`).toBe(0);
    return lines.sort();
  };
}

const ansibleEnv = {
  ANSIBLE_NOCOLOR: '1',
  ANSIBLE_PIPELINING: 'True',
  ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
  ANSIBLE_RETRY_FILES_ENABLED: 'False',
};

function run(command: string, args: readonly string[], options: SpawnOptions): Promise<Ended> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
