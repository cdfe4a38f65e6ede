import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadYaml } from '../../controller/source/load-yaml.ts';
import { compile, compileExpression, compileFile } from '../../controller/template/compile.ts';
import { type Scope, TemplateError } from '../../controller/template/types.ts';
import { exactJson } from '../../proto/exact-json.ts';

/**
 * test/template/*.yml: variables, and cases that all see them. `text` is a text of a playbook, `file` a template
 * file, `expression` a bare expression. A `result` of 2.0 is a float, as in playbooks. `error` is "line:column code: message".
 */
interface Case {
  readonly text?: string;
  readonly file?: string;
  readonly expression?: string;
  readonly result?: unknown;
  readonly error?: string;
  readonly hint?: string;
}

interface Topic {
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly cases: readonly Case[];
}

const folder = new URL('.', import.meta.url);

function scopeOf(vars: Readonly<Record<string, unknown>>): Scope {
  return { has: (name) => Object.hasOwn(vars, name), get: (name) => vars[name], names: () => Object.keys(vars) };
}

function render({ text, file, expression }: Case, scope: Scope): unknown {
  if (expression !== undefined) return compileExpression(expression).render({ scope });
  return (file === undefined ? compile(text ?? '') : compileFile(file)).render({ scope });
}

function failure(given: Case, scope: Scope): TemplateError {
  try {
    render(given, scope);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('the template did not fail');
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.yml')))('%s', (name) => {
  const { documents, errors } = loadYaml(readFileSync(new URL(name, folder), 'utf8'), name);
  expect(errors).toEqual([]);
  const { vars = {}, cases = [] } = (documents[0]?.value ?? {}) as Partial<Topic>;
  const before = exactJson(vars);
  test.each(cases.map((given) => [given.text ?? given.file ?? given.expression ?? '', given] as const))(
    '%j',
    (_, given) => {
      const scope = scopeOf(vars);
      if (given.error === undefined) {
        expect(render(given, scope)).toEqual(given.result);
      } else {
        const { line, column, code, message, hint } = failure(given, scope);
        expect(`${line}:${column} ${code}: ${message}`).toBe(given.error);
        if (given.hint !== undefined) expect(hint).toBe(given.hint);
      }
      expect(exactJson(vars)).toBe(before);
    },
  );
});
