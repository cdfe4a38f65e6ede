import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';
import { readExtraVars } from '../../controller/run/input/extra-vars.ts';

vi.hoisted(() => {
  process.env.ANSIBLE_HASH_BEHAVIOUR = 'merge';
});

test('hash_behaviour=merge lays mappings over those of earlier inventories, files and options', () => {
  const at = (name: string) => join(import.meta.dirname, 'merged', name);
  const { inventory, errors } = loadInventory([at('a.yml'), at('b.yml')]);
  const { vars } = readExtraVars(['{"k": {"x": 1}}', '{"k": {"y": 2}}']);
  const said = [...(inventory.hosts.get('h1')?.vars ?? []), ...vars].map(([name, { value }]) => [name, value]);
  const both = { x: 1, y: 2 };
  expect(Object.fromEntries(said)).toEqual({ ofGroup: both, ofFolder: both, ofHost: both, k: both });
  expect(errors).toEqual([]);
});
