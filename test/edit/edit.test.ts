import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ConvergeModule, Step } from '../../agent/modules/module.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import { fakeHost, hostAnswers } from '../modules/fake-host.ts';

const recorded = z.array(
  z.strictObject({
    params: z.record(z.string(), z.unknown()),
    before: z.string().nullable(),
    after: z.string().nullable(),
    msg: z.string(),
    found: z.int().optional(),
  }),
);

const path = '/etc/f';

function editing(name: string): ConvergeModule<unknown, unknown> {
  const module = registry.get(name);
  if (module?.form !== 'converge') throw new Error(`${name} does not lead to a state`);
  return module;
}

/** What the steps leave in the file. */
function contentAfter(before: string | null, steps: readonly Step[], encoding?: 'latin1'): string | null {
  let content = before;
  for (const { action } of steps) {
    if (action.op !== 'file' || action.file.path !== path) continue;
    if (action.file.do === 'unlink') content = null;
    if (action.file.do !== 'write') continue;
    if (typeof action.file.content !== 'string') throw new Error('it is large');
    content = Buffer.from(action.file.content, 'base64').toString(encoding);
  }
  return content;
}

for (const name of ['lineinfile', 'blockinfile', 'replace']) {
  const module = editing(name);
  const cases = recorded.parse(parse(readFileSync(join(import.meta.dirname, `${name}.yml`), 'utf8')));
  test.each(cases)(`${name} $params of $before`, async ({ params, before, after, msg, found }) => {
    const files = { '/etc': { kind: 'directory' as const }, [path]: before === null ? null : { content: before } };
    const host = fakeHost(hostAnswers.parse({ files }));
    const parsed = module.params.parse({ ...params, path });
    const plan = module.plan(parsed, await module.read(parsed, host));
    expect(contentAfter(before, plan.steps)).toBe(after);
    expect(plan.steps.length > 0).toBe(before !== after);
    expect(plan.result).toMatchObject({ msg: msg.replace('PATH', path), ...(found === undefined ? {} : { found }) });
  });
}

interface BytesCase {
  readonly module: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly before: string;
  readonly after: string;
}

const bytesCases = parse(readFileSync(join(import.meta.dirname, 'bytes.yml'), 'utf8')) as BytesCase[];

test.each(bytesCases)('$module keeps the bytes of $before', async ({ module: name, params, before, after }) => {
  const base64 = Buffer.from(before, 'latin1').toString('base64');
  const files = { '/etc': { kind: 'directory' as const }, [path]: { base64 } };
  const module = editing(name);
  const parsed = module.params.parse({ ...params, path });
  const plan = module.plan(parsed, await module.read(parsed, fakeHost(hostAnswers.parse({ files }))));
  expect(contentAfter(before, plan.steps, 'latin1')).toBe(after);
});

/** What Ansible made of files that have a form of their own. */
const made = z.array(
  z.strictObject({
    params: z.record(z.string(), z.unknown()),
    before: z.string().nullable(),
    after: z.string().nullable(),
    changed: z.boolean().optional(),
    result: z.record(z.string(), z.unknown()).optional(),
    error: z.string().optional(),
  }),
);

const pathParameters = { cron: 'cron_file', known_hosts: 'path' } as const;

for (const [name, pathParameter] of Object.entries(pathParameters)) {
  const module = editing(name);
  const cases = made.parse(parse(readFileSync(join(import.meta.dirname, `${name}.yml`), 'utf8')));
  test.each(cases)(`${name} $params of $before`, async ({ params, before, after, changed, result = {}, error }) => {
    const files = { '/etc': { kind: 'directory' as const }, [path]: before === null ? null : { content: before } };
    const host = fakeHost(hostAnswers.parse({ files }));
    const named = Object.entries(params).map(([key, value]) => [module.aliases?.[key] ?? key, value]);
    const planned = async () => {
      const parsed = module.params.parse({ ...Object.fromEntries(named), [pathParameter]: path });
      return module.plan(parsed, await module.read(parsed, host));
    };
    if (error !== undefined) return expect(planned()).rejects.toThrow(error);
    const plan = await planned();
    expect(contentAfter(before, plan.steps)).toBe(after);
    expect(plan.steps.length > 0).toBe(changed);
    expect(plan.result).toMatchObject(result);
  });
}
