import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalog } from '../../controller/catalog.ts';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { errorText } from '../../controller/report/error-text.ts';

const folder = join(import.meta.dirname, '../../playbooks');
const labs = readdirSync(folder).filter((file) => file.endsWith('.yml') && file !== 'inventory.yml');
const broken = readdirSync(join(folder, 'broken')).filter((file) => file.endsWith('.yml'));
const playbooks = [...labs, ...broken.map((file) => join('broken', file))];
const readFile = (path: string) => readFileSync(path, 'utf8');

test.each(playbooks)('%s can be run', (file) => {
  const { playbook, errors } = parsePlaybook(join(folder, file), { readFile, catalog });
  expect(errors.map(errorText)).toEqual([]);
  expect(playbook.plays).not.toEqual([]);
});

test('the steps and the finished lab are one lab', () => {
  const labs = playbooks
    .filter((file) => file === 'lab.yml' || file.startsWith('seed-'))
    .map((file) => parsePlaybook(join(folder, file), { readFile, catalog }).playbook.lab);
  expect(new Set(labs)).toEqual(new Set(['seed']));
});

test('the inventory names the hosts that the playbooks name', () => {
  const { inventory, errors } = loadInventory([join(folder, 'inventory.yml')]);
  expect(errors).toEqual([]);
  expect([...inventory.hosts.keys()]).toEqual(['vm01', 'vm02']);
});
