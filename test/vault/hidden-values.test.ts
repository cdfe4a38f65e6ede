import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { lookupsFor } from '../../controller/run/lookups/lookups.ts';
import { encryptVault } from '../../controller/vault/cipher.ts';
import { Keyring } from '../../controller/vault/keyring.ts';
import { hideSecrets } from '../../controller/vault/secret-texts.ts';
import { useKeyring } from '../../controller/vault/vault.ts';
import { vaultFiles } from './vault-files.ts';

const { at } = vaultFiles();

const ask = (lookup: string, term: string) =>
  lookupsFor(() => [dirname(at('x'))])[lookup]?.(
    [term],
    {},
    { scope: { has: () => false, get: () => 0, names: () => [] } },
  );

test.each([
  ['hosts', 'vm01 a="of hosts"\n[all:vars]\nb=470011\n', ['of hosts', '470011'], () => loadInventory([at('hosts')])],
  [
    'h.toml',
    '[all.hosts.vm01]\na = "of toml"\nb = 470012\n',
    ['of toml', '470012'],
    () => loadInventory([at('h.toml')]),
  ],
  ['a.csv', 'me,of csv\n', ['of csv'], () => ask('csvfile', 'me file=a.csv delimiter=,')],
  ['a.ini', '[x]\na=of ini\n', ['of ini'], () => ask('ini', 'a section=x file=a.ini')],
])('values out of a file that was encrypted are hidden: %s', (name, text, secrets, read) => {
  const password = Buffer.from('pw');
  useKeyring(new Keyring([{ id: 'lab', password }]));
  writeFileSync(at(name), encryptVault(Buffer.from(text), password, 'lab'));
  read();
  expect(secrets.map((secret) => hideSecrets(`<${secret}>`))).toEqual(secrets.map(() => '<********>'));
});
