import { expect, test } from 'vitest';
import * as z from 'zod';
import { parseCoerced } from '../../controller/playbook/coerce.ts';

const schema = z.strictObject({
  count: z.int().optional(),
  on: z.boolean().optional(),
  text: z.string().optional(),
  list: z.array(z.string()).optional(),
  speed: z.literal(5).optional(),
  offload: z.enum(['off', 'phy', 'mac']).optional(),
  window: z.union([z.int(), z.literal('off')]).optional(),
});

test.each([
  [{ count: '1500' }, { count: 1500 }],
  [{ on: 'yes' }, { on: true }],
  [{ text: 5 }, { text: '5' }],
  [{ list: 'one' }, { list: ['one'] }],
  [{ list: 'one,two' }, { list: ['one', 'two'] }],
  [{ count: null }, {}],
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
