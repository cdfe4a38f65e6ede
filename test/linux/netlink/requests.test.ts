import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { requestOf } from '../../../agent/linux/netlink/requests.ts';

const cases = z
  .array(z.strictObject({ ip: z.string(), request: z.string().nullable() }))
  .parse(parse(readFileSync(join(import.meta.dirname, 'requests.yml'), 'utf8')));

test.each(cases)('ip $ip', ({ ip, request }) => {
  const made = requestOf(ip.split(' '), new Map([['eth0', 7]]));
  expect(made?.toString('hex')).toBe(request?.replaceAll(' ', '') ?? undefined);
});
