import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { registry } from '../../agent/modules/registry.gen.ts';
import { LazyMap } from '../../agent/modules/shared/lazy-map.ts';
import { findKindsIn, knownKind, type LinkKind, registerKind } from '../../agent/modules/shared/link/kind.ts';

it('names each module as its file, which is how the build finds it', () => {
  const files = readdirSync(join(import.meta.dirname, '../../agent/modules')).filter((file) => file.endsWith('.ts'));
  const modules = files.filter((file) => file !== 'module.ts' && !file.endsWith('.gen.ts'));
  expect([...registry.keys()].sort()).toEqual(modules.map((file) => file.slice(0, -3).replaceAll('-', '_')).sort());
});

it('makes a value when it is first asked for, and once', () => {
  const made: string[] = [];
  const maker = (name: string) => [name, () => made.push(name)] as const;
  const map = new LazyMap([maker('a'), maker('b'), maker('c')]);
  expect([map.size, map.has('b'), map.has('d'), [...map.keys()]]).toEqual([3, true, false, ['a', 'b', 'c']]);
  expect(made).toEqual([]);
  expect([map.get('b'), map.get('b'), map.get('d')]).toEqual([1, 1, undefined]);
  expect([...map]).toEqual([
    ['a', 2],
    ['b', 1],
    ['c', 3],
  ]);
  expect([[...map.values()], made]).toEqual([
    [2, 1, 3],
    ['b', 'a', 'c'],
  ]);
});

it('knows the kind of a link whose module nobody has asked for yet', () => {
  const kind = { name: 'unheard_of' } as unknown as LinkKind;
  findKindsIn(new LazyMap([['unheard_of', () => registerKind(kind)]]));
  expect(knownKind('unheard_of')).toBe(kind);
  expect(knownKind('unheard_of_by_all')).toBeUndefined();
});
