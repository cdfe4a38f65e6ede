import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FoundPlugins } from '../../controller/custom/own-plugins.ts';
import { compile } from '../../controller/template/compile.ts';
import { useOwnPlugins } from '../../controller/template/own-plugins.ts';
import { TemplateError } from '../../controller/template/types.ts';

interface Case {
  readonly says: string;
  readonly template: string;
  readonly gives?: unknown;
  readonly error?: string;
  readonly hint?: string;
}

const here = import.meta.dirname;
const cases = parse(readFileSync(join(here, 'cases.yml'), 'utf8')) as Case[];
const variables = new Map<string, unknown>([
  ['ansible_search_path', [join(here, 'beside')]],
  ['name', 'you'],
  ['greeting', 'hello you'],
]);
const found = new FoundPlugins({ filter: [], test: [], lookup: [] }, () => [here]);

beforeAll(() => {
  found.meet(join(here, 'beside'));
  found.meet(join(here, 'role'));
  useOwnPlugins(found);
});

function render(template: string): unknown {
  return compile(template).render({
    scope: {
      has: (name) => variables.has(name),
      get: (name) => variables.get(name),
      names: () => variables.keys(),
    },
    lookups: () => found.lookups(),
    lookupOf: (name) => found.lookupOf(name),
  });
}

test.each(cases)('$says', ({ template, gives, error, hint }) => {
  if (error === undefined) {
    expect(render(template)).toEqual(gives);
    return;
  }
  try {
    render(template);
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TemplateError);
    const wrong = thrown as TemplateError;
    expect(wrong.message).toBe(error);
    if (hint !== undefined) expect(wrong.hint?.replace(join(here, 'beside'), 'BESIDE')).toBe(hint);
  }
});
