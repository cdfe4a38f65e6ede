import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { lookupsFor } from '../../../controller/run/lookups/lookups.ts';
import { workstation } from '../../../controller/run/task/workstation-files.ts';
import { compileExpression } from '../../../controller/template/compile.ts';
import { TemplateError } from '../../../controller/template/types.ts';

/** cases.yml: expressions in the scope of `vars`, for a playbook in the folder `play`. */
interface Cases {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly cases: readonly { readonly expression: string; readonly result?: unknown; readonly error?: string }[];
}

const { vars, cases } = parse(readFileSync(new URL('cases.yml', import.meta.url), 'utf8')) as Cases;
const scope = {
  has: (name: string) => Object.hasOwn(vars, name),
  get: (name: string) => vars[name],
  names: () => Object.keys(vars),
};
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-lookups-'));
  cpSync(new URL('play', import.meta.url), folder, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(cases)('$expression', ({ expression, result, error }) => {
  const lookups = lookupsFor(() => [folder]);
  const render = () => compileExpression(expression).render({ scope, lookups: () => lookups, workstation });
  if (error === undefined) {
    expect(render()).toEqual(result);
    return;
  }
  expect(render).toThrow(TemplateError);
  try {
    render();
  } catch (failure) {
    if (!(failure instanceof TemplateError)) throw failure;
    expect(`${failure.line}:${failure.column} ${failure.code}: ${failure.message}`).toBe(error);
  }
});
