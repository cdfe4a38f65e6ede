import { expect, it } from 'vitest';
import { allowDoubledKeys } from '../../controller/source/doubled-keys.ts';
import { loadYaml } from '../../controller/source/load-yaml.ts';

it('takes the last value of a key that stands twice, and tells so once', () => {
  const told: string[] = [];
  allowDoubledKeys((warning) => told.push(warning));
  for (const _ of [1, 2]) {
    const { documents, errors } = loadYaml('a: &a { c: 1, c: 2 }\nb: *a\na: 3\n', 'f.yml');
    expect(errors).toEqual([]);
    expect(documents.map(({ value }) => value)).toEqual([{ a: 3, b: { c: 2 } }]);
  }
  expect(told).toEqual([
    "Found duplicate mapping key 'c' (f.yml:1:15): its last value counts, not that of line 1",
    "Found duplicate mapping key 'a' (f.yml:3:1): its last value counts, not that of line 1",
  ]);
});
