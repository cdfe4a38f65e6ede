import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

const files = ['hosts.ini', 'hosts.yml'].map((name) => join(import.meta.dirname, 'odd-groups', name));

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test.each([
  ['never', ['web-1', 'parent'], ['1st'], 'but not replaced'],
  ['ignore', ['web-1', 'parent'], ['1st'], undefined],
  ['always', ['web_1', 'parent'], ['_st'], 'and automatically replaced'],
  ['silently', ['web_1', 'parent'], ['_st'], undefined],
])('what no variable can be called: %s', async (setting, one, two, said) => {
  vi.stubEnv('ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS', setting);
  vi.resetModules();
  const { loadInventory } = await import('../../controller/inventory/load-inventory.ts');
  const { inventory, errors, warnings } = loadInventory(files);
  expect(errors).toEqual([]);
  expect([...inventory.hosts.values()].map(({ groups }) => groups.toSorted())).toEqual([one.toSorted(), two]);
  expect(inventory.hosts.get('vm01')?.vars.get('a')?.value).toBe(1);
  const warning = `Invalid characters were found in group names ${said}, use -vvvv to see details`;
  expect(warnings).toEqual(said === undefined ? [] : [warning]);
});

test('valid names are not warned of', async () => {
  const { loadInventory } = await import('../../controller/inventory/load-inventory.ts');
  expect(loadInventory(['vm01,']).warnings).toEqual([]);
});
