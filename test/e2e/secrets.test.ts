import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encryptVault } from '../../controller/vault/cipher.ts';
import { type FaultsLab, faultsLab } from './faults-lab.ts';

/* Secrets go to sudo, to sshd and into the files they are for, and are found nowhere else, on neither side. */

const become = 'become-4d0c7a-marker';
const login = 'login-81b3fe-marker';
const hidden = 'hidden-c95e20-marker';
const marker = /-(4d0c7a|81b3fe|c95e20)-marker/;

let lab: FaultsLab;
/** Command lines of all processes of this machine, and so of the host, while a run goes on. */
const commandLines = new Set<string>();
let watch: NodeJS.Timeout;

function look(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      commandLines.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch {
      // It ended meanwhile.
    }
  }
}

beforeAll(async () => {
  lab = await faultsLab(1);
  const users = [
    `useradd -m asked && echo 'asked:${become}' | chpasswd && echo 'asked ALL=(ALL) ALL' > /etc/sudoers.d/asked`,
    `useradd -m typed && echo 'typed:${login}' | chpasswd && echo 'typed ALL=(ALL) ALL' > /etc/sudoers.d/typed`,
  ];
  expect(await lab.testbed.on('vm01', 'sh -e', users.join('\n'))).toMatchObject({ code: 0 });
  watch = setInterval(look, 100);
});

afterAll(async () => {
  clearInterval(watch);
  await lab.end();
});

/** Text files below a folder. */
function texts(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  return new Map(paths.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path, 'latin1')]));
}

const found = (all: ReadonlyMap<string, string>) => [...all].flatMap(([path, text]) => (marker.test(text) ? path : []));

/** Files of the host that hold one, beside those that shall. */
async function onHost(): Promise<string> {
  const places = '/var/lib/orch /run/orch /tmp /root /home /var/log /etc/systemd';
  return (await lab.testbed.on('vm01', `grep -rlE -e '-marker' ${places} | sort`)).stdout;
}

const tasks = [
  { name: 'write', copy: { dest: '/root/secret', content: '{{ token }}' }, no_log: true },
  {
    name: 'write another',
    copy: { dest: '/root/secret', content: 'and {{ token }}' },
    no_log: true,
    register: 'written',
  },
  { name: 'read', command: 'cat /root/secret', no_log: true, register: 'secret' },
  { name: 'loop', command: { cmd: 'cat', stdin: '{{ item }}' }, loop: ['{{ token }}'], no_log: true },
  { name: 'say', debug: { msg: '{{ secret.stdout }}' }, no_log: true },
  { name: 'fail', command: { cmd: 'grep -q absent', stdin: '{{ token }}' }, no_log: true, ignore_errors: true },
  { name: 'wrong', copy: { dest: '/absent/{{ token }}', content: 'x' }, no_log: true, ignore_errors: true },
  { name: 'seen', command: 'true' },
];

it('in variables: passwords of sshd and sudo, and what no_log hides', async () => {
  const vars = {
    ansible_user: 'typed',
    ansible_ssh_private_key_file: '/dev/null',
    ansible_password: login,
    ansible_become_password: login,
    token: hidden,
  };
  const ran = await lab.run('variables', { vm01: vars }, tasks, { args: ['-vvv', '--diff', '-b'] });
  expect(ran).toMatchObject({ code: 0, report: { hosts: { vm01: { ok: 8, ignored: 2 } } } });
  expect(ran.stdout).not.toMatch(marker);
  expect(ran.stderr).not.toMatch(marker);
  expect(found(texts(join(ran.folder, '.orch')))).toEqual([]);
  expect(found(texts(join(lab.testbed.folder, 'orch')))).toEqual([]);
  expect(await onHost()).toBe('/root/secret\n');
  expect([...commandLines].some((line) => /agent\.cjs[\0 ]serve/.test(line))).toBe(true);
  expect([...commandLines].filter((line) => marker.test(line))).toEqual([]);

  const again = await lab.run('variables', { vm01: { ...vars, token: 'other' } }, tasks, {
    args: ['--output', 'json', '-b'],
  });
  expect(again.code).toBe(0);
  expect(again.stdout + again.stderr).not.toMatch(marker);
  expect(await onHost()).toBe('');
});

it('from vaults: values of files, whatever templates make of them', async () => {
  const [vault, password] = ['vault.yml', 'password'].map((name) => join(lab.testbed.folder, name));
  const secret = `token: ${hidden}\nnested: {list: [${login}]}\n`;
  writeFileSync(String(vault), encryptVault(Buffer.from(secret), Buffer.from(become), 'lab'));
  writeFileSync(String(password), `${become}\n`, { mode: 0o600 });
  const said = [
    { name: 'show', debug: { msg: '{{ token | upper }} {{ nested | to_json }} {{ token | b64encode }}' } },
    { name: 'show all', debug: { var: 'nested' } },
    { name: 'keep', set_fact: { copy: '{{ token }}' } },
    { name: 'write', copy: { dest: '/run/vaulted', content: '{{ copy }}' } },
    { name: 'read', command: 'cat /run/vaulted', register: 'read' },
    // Not an argument of a program: who puts a secret there lets all of the host see it.
    { name: 'wrong', command: { cmd: 'sh', stdin: ': </absent/{{ read.stdout }}' }, ignore_errors: true },
    { name: 'right', assert: { that: [`read.stdout is match('hidden-')`] } },
  ];
  const args = ['-vvv', '--diff', '-e', `@${vault}`, '--vault-id', `lab@${password}`];
  const ran = await lab.run('vaults', { vm01: {} }, said, { args });
  expect(ran).toMatchObject({ code: 0, report: { hosts: { vm01: { ok: 7, ignored: 1 } } } });
  expect(ran.stdout + ran.stderr).not.toMatch(new RegExp(marker, 'i'));
  expect(ran.stdout).not.toContain(Buffer.from(hidden).toString('base64').replace(/=+$/, ''));
  expect(found(texts(join(ran.folder, '.orch')))).toEqual([]);
});

it('typed at the prompt', async () => {
  const folder = join(lab.testbed.folder, 'variables');
  const vars = { ...lab.vars('vm01'), ansible_user: 'asked' };
  writeFileSync(join(folder, 'asked.yml'), JSON.stringify({ all: { hosts: { vm01: vars } } }));
  const program = join(import.meta.dirname, '../../dist/orch.js');
  // The tunnel needs sudo, and so its password, each time.
  const command = `'${process.execPath}' '${program}' run lab.yml -i asked.yml -k -K -b -vvv -e token=other -e orch_transport=tunnel`;
  const env = { ...process.env, XDG_STATE_HOME: lab.testbed.folder };
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env });
  // As in Ansible nothing means the other one, which is asked for only then: this user logs in by a key.
  const answers: (readonly [question: string, answer: string])[] = [
    ['BECOME password[defaults to SSH password]:', ''],
    ['SSH password:', become],
  ];
  let shown = '';
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    const [question, answer] = answers[0] ?? [];
    if (question === undefined || !shown.includes(question)) return;
    answers.shift();
    terminal.stdin.write(`${answer}\n`);
  });
  const code = await new Promise((resolve) => terminal.once('close', resolve));
  expect({ code, shown, answers }).toEqual({ code: 0, shown: expect.stringMatching(/ok=8 .*failed=0 /), answers: [] });
  expect(shown).not.toMatch(marker);
  expect(found(texts(join(folder, '.orch')))).toEqual([]);
  expect(found(texts(join(lab.testbed.folder, 'orch')))).toEqual([]);
  expect(await onHost()).toBe('');
  expect([...commandLines].filter((line) => marker.test(line))).toEqual([]);
});
