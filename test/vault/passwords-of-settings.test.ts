import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { execute } from '../../controller/commands/vault.ts';
import { encryptVault } from '../../controller/vault/cipher.ts';
import { Keyring } from '../../controller/vault/keyring.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-vault-of-settings-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  for (const name of ['dev', 'prod', 'new', 'file']) writeFileSync(at(name), `of ${name}\n`);
  writeFileSync(at('a'), encryptVault(Buffer.from('plain'), Buffer.from('of dev'), 'dev'));
  // A process reads its settings once, when they are first asked for.
  process.env.ANSIBLE_VAULT_IDENTITY_LIST = `dev@${at('dev')},prod@${at('prod')}`;
  process.env.ANSIBLE_VAULT_PASSWORD_FILE = at('file');
});

test.each([
  [{ 'encrypt-vault-id': 'prod' }, 'prod'],
  [{}, 'file'],
  [{ 'new-vault-id': `new@${at('new')}` }, 'new'],
  [{ 'new-vault-password-file': at('new') }, 'new'],
])('rekey %j takes the password of %s', async (more, password) => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await execute({ action: 'rekey', args: [at('a')], ...more });
  const keyring = new Keyring([{ id: 'any', password: Buffer.from(`of ${password}`) }]);
  expect(keyring.open(readFileSync(at('a'), 'utf8')).plain.toString()).toBe('plain');
});
