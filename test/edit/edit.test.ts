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
function contentAfter(before: string | null, steps: readonly Step[]): string | null {
  const writes = steps.flatMap(({ action }) =>
    action.op === 'file' && action.file.do === 'write' && action.file.path === path ? [action.file.content] : [],
  );
  const last = writes.at(-1);
  return last === undefined ? before : Buffer.from(last, 'base64').toString();
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
