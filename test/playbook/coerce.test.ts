import { expect, test } from 'vitest';
import * as z from 'zod';
import { parseCoerced } from '../../controller/playbook/values/coerce.ts';

const schema = z.strictObject({
  count: z.int().optional(),
  on: z.boolean().optional(),
  text: z.string().optional(),
  list: z.array(z.string()).optional(),
  speed: z.literal(5).optional(),
  offload: z.enum(['off', 'phy', 'mac']).optional(),
  map: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  inner: z.strictObject({ name: z.string() }).optional(),
  codes: z.union([z.int(), z.array(z.int())]).optional(),
  chdir: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  window: z.union([z.int(), z.literal('off')]).optional(),
});

test.each([
  [{ count: '1500' }, { count: 1500 }],
  [{ on: 'yes' }, { on: true }],
  [{ text: 5 }, { text: '5' }],
  [{ text: true }, { text: 'True' }],
  [{ list: 'one' }, { list: ['one'] }],
  [{ list: 'one,two' }, { list: ['one', 'two'] }],
  [{ list: 'a, b' }, { list: ['a', ' b'] }],
  [{ list: 'tcp dport { 22, 80 } accept' }, { list: ['tcp dport { 22, 80 } accept'] }],
  [{ list: 'f(a,b)' }, { list: ['f(a,b)'] }],
  [{ codes: '200, 201' }, { codes: [200, 201] }],
  [{ map: '{"a": "b", "c": 1}' }, { map: { a: 'b', c: 1 } }],
  [{ map: 'a=b, c=d' }, { map: { a: 'b', c: 'd' } }],
  [{ inner: '{"name": "x"}' }, { inner: { name: 'x' } }],
  [{ inner: '{name' }, undefined],
  [{ map: 'words' }, undefined],
  [{ count: null }, {}],
  [{ chdir: '', text: '' }, { text: '' }],
  [{ name: '' }, undefined],
  [{ speed: '5' }, { speed: 5 }],
  // YAML reads a bare off as false.
  [
    { offload: false, window: false },
    { offload: 'off', window: 'off' },
  ],
  [{ offload: true }, undefined],
  [{ count: 'many' }, undefined],
])('%j is taken as %j', (given, taken) => {
  const { result, data } = parseCoerced(schema, given);
  expect(result.success ? data : undefined).toEqual(taken);
});
