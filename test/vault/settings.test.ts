import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { CommandLine } from '../../controller/commands/command-line.ts';
import { execute, options } from '../../controller/commands/vault.ts';
import { encryptVault } from '../../controller/vault/cipher.ts';

// A process reads its settings once.
vi.hoisted(() => {
  process.env.ANSIBLE_VAULT_IDENTITY = 'prod';
  process.env.ANSIBLE_VAULT_ENCRYPT_SALT = 'abc';
});

const folder = mkdtempSync(join(tmpdir(), 'orch-vault-settings-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

test('a password without a name has that of the settings, and the salt is theirs', async () => {
  writeFileSync(at('pw'), 'pw\n');
  writeFileSync(at('a'), 'plain\n');
  await execute({ action: 'encrypt', args: [at('a')], 'vault-password-file': [at('pw')] });
  const sealed = encryptVault(Buffer.from('plain\n'), Buffer.from('pw'), 'prod', Buffer.from('abc'));
  expect(readFileSync(at('a'), 'utf8')).toBe(sealed);
});

test('of an option that is given twice the last counts, as for ansible-vault', async () => {
  writeFileSync(at('pw'), 'pw\n');
  writeFileSync(at('b'), 'plain\n');
  const twice = { output: [at('first'), at('last')], 'encrypt-vault-id': ['dev', 'prod'] };
  const line = new CommandLine(options, (summary) => {
    throw new Error(summary);
  });
  const read = { action: 'encrypt', args: [at('b')], 'vault-password-file': [at('pw')], ...twice };
  await execute(line.lastGiven(read));
  expect(readdirSync(folder)).not.toContain('first');
  expect(readFileSync(at('last'), 'utf8')).toContain(';prod\n');
});
