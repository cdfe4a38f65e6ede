import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { registry } from '../../agent/modules/registry.gen.ts';
import { narrowed } from '../../proto/narrowed.ts';

type Params = Readonly<Record<string, unknown>>;

/** Parameters of a module's cases. */
function casesOf(name: string): Params[] {
  const folder = join(import.meta.dirname, name);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.yml'));
  return files.map((file) => (parse(readFileSync(join(folder, file), 'utf8')) as { params: Params }).params ?? {});
}

/** The same, with one too many, with one too few, with one that is wrong. */
function variations(params: Params): Params[] {
  const without = (name: string) => Object.fromEntries(Object.entries(params).filter(([key]) => key !== name));
  const names = Object.keys(params);
  return [
    params,
    { ...params, 'no-such': 1 },
    ...names.flatMap((name) => [without(name), { ...params, [name]: { wrong: true } }, { ...params, [name]: '' }]),
  ];
}

function said({ success, data, error }: z.ZodSafeParseResult<unknown>) {
  return success ? JSON.stringify(data) : error?.issues;
}

test.each([...registry.values()].map((module) => [module.name, module] as const))(
  '%s: a schema without what is left out says the same',
  (name, { params: schema }) => {
    for (const params of casesOf(name).flatMap(variations)) {
      const whole = said(schema.safeParse(params));
      for (let times = 0; times < 5; times++) narrowed(schema, params);
      const narrow = narrowed(schema, params);
      expect(said(narrow.safeParse(params)), JSON.stringify(params)).toEqual(whole);
    }
  },
);

test('it is another one in a loop', () => {
  const schema = z.strictObject({ dev: z.string(), mtu: z.int().optional(), state: z.string().default('present') });
  const used = [1, 2, 3, 4, 5, 6].map((n) => narrowed(schema, { dev: `eth${n}` }));
  expect(used.map((each) => each === schema)).toEqual([true, true, true, true, false, false]);
  expect(used[5]).toBe(used[4]);
  expect((used[5] as typeof schema).keyof().options).toEqual(['dev', 'state']);
});
