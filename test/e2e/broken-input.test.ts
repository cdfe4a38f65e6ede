import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { foldersIn } from '../folders.ts';
import { listen } from './listen.ts';
import { type Ended, ownTestbed } from './own-testbed.ts';

/*
 * Wrong input, through the real program, while every host of every inventory is a port of this test that counts who
 * comes: nobody may. Once with a workstation that never met a host, once with one that knows a warm agent.
 */

const testbed = ownTestbed();
const folder = mkdtempSync(join(tmpdir(), 'orch-broken-input-'));
const servers: Server[] = [];
let contacts = 0;
/** Extra variables that lead any host there. */
let lead = '';

/** A port that counts connections and hands them on. */
async function counted(port: number): Promise<number> {
  const server = createServer((socket) => {
    contacts += 1;
    const on = connect({ host: '127.0.0.1', port });
    socket.on('error', () => on.destroy()).pipe(on);
    on.on('error', () => socket.destroy()).pipe(socket);
  });
  servers.push(server);
  return listen(server);
}

/** A run in `folder/at`, which is made. */
async function run(at: string, args: readonly string[], fresh = false): Promise<Ended> {
  const cwd = join(folder, at);
  mkdirSync(cwd, { recursive: true });
  const env = fresh ? { XDG_STATE_HOME: join(folder, 'fresh') } : {};
  return testbed.orch(['run', ...args, '-e', lead, '-T', '3'], { cwd, env });
}

beforeAll(async () => {
  await testbed.up('netns', '--hosts', '1');
  const [host] = testbed.state().hosts;
  const [ssh, agent] = [await counted(host?.sshPort ?? 0), await counted(host?.agentPort ?? 0)];
  const files = join(testbed.folder, 'orch/testbed');
  const known = readFileSync(join(files, 'known_hosts'), 'utf8').replace(/^\S+/, `[127.0.0.1]:${ssh}`);
  writeFileSync(join(folder, 'known_hosts'), known);
  lead = JSON.stringify({
    ansible_host: '127.0.0.1',
    ansible_port: ssh,
    ansible_user: 'root',
    ansible_ssh_private_key_file: join(files, 'client_key'),
    ansible_ssh_common_args: `-o UserKnownHostsFile=${join(folder, 'known_hosts')}`,
    orch_agent_address: '127.0.0.1',
    orch_agent_port: agent,
  });
  // Good input does come, and the second time without SSH: the counter counts, the agent is warm.
  writeFileSync(join(folder, 'good.yml'), '- hosts: all\n  gather_facts: false\n  tasks: [ping: {}]\n');
  expect(await run('good', ['../good.yml', '-i', 'vm01,'])).toMatchObject({ code: 0 });
  expect(await run('good', ['../good.yml', '-i', 'vm01,', '-vv'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('warm'),
  });
  expect(contacts).toBe(3);
  contacts = 0;
});

afterAll(async () => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
  await testbed.end();
});

/** Refused, the same way by a workstation that knows the host and one that does not, and nothing was touched. */
async function refused(at: string, args: readonly string[], code = 4): Promise<string> {
  const [warm, cold] = await Promise.all([run(at, args), run(at, args, true)]);
  expect(warm).toEqual({ code, stdout: '', stderr: expect.any(String) });
  expect(cold).toEqual(warm);
  expect(contacts).toBe(0);
  expect(existsSync(join(folder, at, '.orch'))).toBe(false);
  const unmarked = warm.stderr.replaceAll(/^\[ERROR\]: (?=\S)/gm, '');
  // Every one of them is marked.
  expect(unmarked.replaceAll(/^(?=\S)/gm, '[ERROR]: ')).toBe(warm.stderr);
  return unmarked;
}

interface Options {
  readonly limit?: string;
  readonly startAtTask?: string;
  readonly tags?: readonly string[];
  readonly extraVars?: readonly string[];
}

const inputs = join(import.meta.dirname, '../errors');
const cases = foldersIn(inputs);

test.each(cases)('%s', async (name) => {
  cpSync(join(inputs, name), join(folder, name), { recursive: true });
  if (!existsSync(join(folder, name, 'hosts'))) cpSync(join(inputs, 'hosts'), join(folder, name, 'hosts'));
  const file = join(inputs, name, 'options.yml');
  const said: Options = existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};
  const { limit, startAtTask, tags = [], extraVars = [] } = said;
  const options = [
    ...(limit === undefined ? [] : ['--limit', limit]),
    ...(startAtTask === undefined ? [] : ['--start-at-task', startAtTask]),
    ...tags.flatMap((one) => ['--tags', one]),
    ...extraVars.flatMap((one) => ['-e', one]),
  ];
  // What no vault password opens ends as in Ansible.
  const code = name.startsWith('vault-') ? 1 : 4;
  const told = await refused(name, ['lab.yml', '-i', 'hosts', ...options], code);
  expect(told.replaceAll(`${homedir()}/.ansible/`, '~/.ansible/')).toBe(
    readFileSync(join(inputs, name, 'errors.txt'), 'utf8'),
  );
});

const head = '- hosts: all\n  gather_facts: false\n  tasks:\n';
const task = '    - name: one of very many\n      debug: {msg: "some text to make the file large"}\n';
const files: Readonly<Record<string, string | Uint8Array>> = {
  'good.yml': `${head}    - ping: {}\n`,
  'empty.yml': '',
  'binary.yml': Uint8Array.from({ length: 4000 }, (_, at) => (at * 167) % 256),
  'deep.yml': `- hosts: all\n  vars:\n    a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
  'large.yml': `${head}${task.repeat(60_000)}    - debgu: {}\n`,
};

test.each([
  ['absent.yml', [], 'the playbook: absent.yml could not be found [file-not-found]\n'],
  ['empty.yml', [], 'empty.yml:1:1: the playbook is empty: it must be a list of plays [playbook-structure]\n'],
  ['.', [], 'the playbook: . does not appear to be a file [file-not-found]\n'],
  ['binary.yml', [], 'cannot read "binary.yml": it is not text in UTF-8 [file-not-found]\n'],
  ['deep.yml', [], /^deep.yml:3:\d+: the file is nested too deeply \[yaml-syntax\]\n$/],
  [
    'large.yml',
    [],
    /^large.yml:120004:7: couldn't resolve module\/action 'debgu'.*\n.*\n.*\n {2}hint: did you mean 'debug'\?\n$/,
  ],
  [
    'good.yml',
    ['--frobnicate'],
    'Unknown argument: frobnicate [invalid-option]\n  hint: `orch run --help` shows what it takes.\n',
  ],
  [
    'good.yml',
    ['-e'],
    '-e takes a value, and was given none [invalid-option]\n  hint: `orch run --help` shows what it takes.\n',
  ],
  ['good.yml', ['--wait', '-1'], '--wait takes seconds, at least 0 and at most 86400. [invalid-option]\n'],
  ['good.yml', ['-i', 'absent'], /^-i:1:1: cannot read "absent": there is no such file/],
  ['good.yml', ['-e', '@absent'], /^cannot read "absent": there is no such file/],
  ['good.yml', ['--limit', 'vm02'], /^--limit:1:1: no host or group "vm02" in the inventory vm01,/],
  ['good.yml', ['--start-at-task', 'none'], /^--start-at-task:1:1: No matching task "none" found/],
])('%s %j', async (playbook, options, expected) => {
  mkdirSync(join(folder, 'files'), { recursive: true });
  const content = files[playbook];
  if (content !== undefined) writeFileSync(join(folder, 'files', playbook), content);
  const inventory = options[0] === '-i' ? [] : ['-i', 'vm01,'];
  const said = await refused('files', [playbook, ...inventory, ...options]);
  if (typeof expected === 'string') expect(said).toBe(expected);
  else expect(said).toMatch(expected);
});
