import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { execute } from '../../controller/commands/vault.ts';
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
