import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encryptVault } from '../../controller/vault/cipher.ts';
import { vaultFiles } from './vault-files.ts';

const program = join(import.meta.dirname, '../../dist/orch.js');
const { at, read, vault } = vaultFiles();

interface Edit {
  readonly name: string;
  readonly editor: string;
  readonly status: number;
  readonly plain: string;
}

const edits: readonly Edit[] = [
  ...['INT', 'QUIT'].flatMap((signal) => [
    { name: `${signal}: the editor goes on`, editor: `kill -${signal} $PPID\nsleep 0.2`, status: 0, plain: 'new' },
    {
      name: `${signal}: the editor ends with a status`,
      editor: `kill -${signal} $PPID\nexit 1`,
      status: 0,
      plain: 'new',
    },
  ]),
  ...[['TERM', 143] as const, ['HUP', 129] as const].flatMap(([signal, status]) => {
    const editor = `kill -${signal} $PPID\nwhile :; do sleep 0.1; done`;
    return [
      { name: `${signal}: the editor ends by it`, editor, status, plain: 'token: abc' },
      {
        name: `${signal}: the editor ends well`,
        editor: `trap 'exit 0' ${signal}\n${editor}`,
        status,
        plain: 'token: abc',
      },
    ];
  }),
  {
    name: 'TERM: the editor is deaf',
    editor: `trap '' TERM\nkill -TERM $PPID\nexec sleep 30`,
    status: 143,
    plain: 'token: abc',
  },
];

test.each(edits)('a signal while somebody edits leaves no plain text: $name', async ({ editor, status, plain }) => {
  await vault('encrypt', ['vars.yml']);
  writeFileSync(at('editor'), `#!/bin/sh\necho new > "$1"\n${editor}\n`, { mode: 0o700 });
  const args = ['vault', 'edit', at('vars.yml'), '--vault-password-file', at('pw')];
  const env = { ...process.env, EDITOR: at('editor'), TMPDIR: at('.') };
  expect(spawnSync(process.execPath, [program, ...args], { env }).status).toBe(status);
  expect(readdirSync(at('.')).filter((name) => name.startsWith('orch-vault-'))).toEqual([]);
  await vault('decrypt', ['vars.yml']);
  expect(read('vars.yml')).toBe(`${plain}\n`);
});

test('a password that is asked for is asked for once', () => {
  writeFileSync(at('asked.yml'), encryptVault(Buffer.from('k: v\n'), Buffer.from('pw'), 'default'));
  const words = [program, 'vault', 'view', '--ask-vault-pass', at('asked.yml')];
  expect(spawnSync(process.execPath, words, { input: 'pw\n', encoding: 'utf8' })).toMatchObject({
    status: 0,
    stdout: 'k: v\n',
  });
});

test('encrypt_string asks for a name and a text', () => {
  const words = [program, 'vault', 'encrypt_string', '--prompt', '--vault-password-file', at('pw')];
  const { status, stdout } = spawnSync(process.execPath, words, { input: 'token\na b\n', encoding: 'utf8' });
  expect([status, stdout.split('\n').slice(0, 2)]).toEqual([
    0,
    ['token: !vault |', '          $ANSIBLE_VAULT;1.1;AES256'],
  ]);
});

test('encrypt_string tells of texts that have no name', () => {
  const words = ['encrypt_string', 'a', 'b', '--name', 'token', '--vault-password-file', at('pw')];
  const { stderr } = spawnSync(process.execPath, [program, 'vault', ...words], { encoding: 'utf8' });
  expect(stderr.split('\n').slice(0, 2)).toEqual([
    'The number of --name options do not match the number of args.',
    'The last named variable will be "token". The rest will not have names.',
  ]);
});

test('a person on a terminal is told how it went', () => {
  const words = [process.execPath, program, 'vault', 'encrypt_string', 'a', '--vault-password-file', at('pw')];
  const { stdout } = spawnSync('script', ['-qefc', words.join(' '), '/dev/null'], { encoding: 'utf8' });
  expect(stdout).toMatch(/^!vault [\s\S]*Encryption successful/);
});
