import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-inventory-links-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('links that lead nowhere, as to secrets of another machine, are no files of variables, and no inventories', () => {
  const inventories = join(folder, 'inventories');
  mkdirSync(join(inventories, 'group_vars/all'), { recursive: true });
  writeFileSync(join(inventories, 'hosts'), '[web]\nvm01\n');
  writeFileSync(join(inventories, 'group_vars/all/main.yml'), 'a: 1\n');
  writeFileSync(join(inventories, 'group_vars/web.yaml'), 'b: 2\n');
  for (const name of ['gone.ini', 'group_vars/all/vault.yml', 'group_vars/web.yml'])
    symlinkSync('nowhere', join(inventories, name));
  const { inventory, errors, warnings } = loadInventory([inventories]);
  expect(errors).toEqual([]);
  expect(warnings).toEqual([`Unable to parse ${join(inventories, 'gone.ini')} as an inventory source`]);
  expect([...(inventory.hosts.get('vm01')?.vars.keys() ?? [])]).toEqual(['a', 'b']);
});
