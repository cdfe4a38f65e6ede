import { expect, test, vi } from 'vitest';
import { encryptVault } from '../../controller/vault/cipher.ts';
import { Keyring } from '../../controller/vault/keyring.ts';

vi.hoisted(() => {
  process.env.ANSIBLE_VAULT_ID_MATCH = '1';
});

test('where only passwords of its own id count, a vault without one has that of passwords without a name', () => {
  const sealed = encryptVault(Buffer.from('plain'), Buffer.from('pw'), undefined);
  const open = (id: string) => new Keyring([{ id, password: Buffer.from('pw') }]).open(sealed).plain.toString();
  expect(open('default')).toBe('plain');
  expect(() => open('dev')).toThrow('no vault secrets were found that could decrypt');
});
