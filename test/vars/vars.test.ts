import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Vars } from '../../controller/playbook/types.ts';
import { loadYaml } from '../../controller/source/load-yaml.ts';
import type { Located } from '../../controller/source/located.ts';
import { child } from '../../controller/source/origins.ts';
import { dataLayer } from '../../controller/vars/layer.ts';
import { omit } from '../../controller/vars/omit.ts';
import { layersOf, type Sources } from '../../controller/vars/precedence.ts';
import { evaluateCondition, evaluateExpression, renderLocated } from '../../controller/vars/render.ts';
import { createScope } from '../../controller/vars/scope.ts';
import { OrchError } from '../../proto/errors.ts';

/** test/vars/*.yml: lists of cases. Places of errors are checked by the case file's own line and the column in it. */
interface Case {
  readonly name: string;
  readonly render?: unknown;
  readonly condition?: string | boolean;
  readonly expression?: string;
  readonly result?: unknown;
  readonly warnings?: number;
  readonly error?: { readonly code: string; readonly message: string; readonly line: string; readonly column: number };
}

const folder = new URL('.', import.meta.url);

function varsOf(located: Located | undefined): Vars {
  const keys = Object.keys(located?.value ?? {});
  return new Map(keys.flatMap((key) => (located ? [[key, child(located, key)] as const] : [])).filter(hasValue));
}

function hasValue(entry: readonly [string, Located | undefined]): entry is readonly [string, Located] {
  return entry[1] !== undefined;
}

function source(values: Readonly<Record<string, unknown>>) {
  return {
    has: (name: string) => Object.hasOwn(values, name),
    get: (name: string) => values[name],
    names: () => Object.keys(values),
  };
}

function sourcesOf(located: Located): Sources {
  const at = (name: string) => varsOf(child(located, name));
  const data = (name: string) => (child(located, name)?.value ?? {}) as Readonly<Record<string, unknown>>;
  return {
    inventory: at('inventory'),
    facts: { ...source(data('facts')), hasOther: () => false, all: () => Object.keys(data('facts')) },
    play: at('play'),
    varsFiles: [at('vars_file')],
    tasks: [at('block'), at('task')],
    includeVars: at('include_vars'),
    variables: source(data('registered')),
    includeParams: [at('include_params')],
    extra: at('extra'),
    magic: dataLayer({ omit, inventory_hostname: 'vm01' }),
    locals: data('loop'),
  };
}

function run(located: Located, given: Case): { value: unknown; warnings: number } {
  let warnings = 0;
  const warn = () => {
    warnings++;
  };
  const scope = createScope(layersOf(sourcesOf(located)), { warn });
  const at = (name: string) => child(located, name) as Located<string>;
  if (given.condition !== undefined) return { value: evaluateCondition(at('condition'), scope), warnings };
  if (given.expression !== undefined) return { value: evaluateExpression(at('expression'), scope), warnings };
  return { value: renderLocated(at('render'), scope), warnings };
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.yml')))('%s', (file) => {
  const { documents, errors } = loadYaml(readFileSync(new URL(file, folder), 'utf8'), file);
  expect(errors).toEqual([]);
  const root = documents[0];
  const cases = (root?.value ?? []) as readonly Case[];
  test.each(cases.map((given, index) => [given.name, given, index] as const))('%s', (_, given, index) => {
    const located = root && child(root, index);
    if (!located) throw new Error('no such case');
    if (!given.error) {
      expect(run(located, given)).toEqual({ value: given.result, warnings: given.warnings ?? 0 });
      return;
    }
    let failure: unknown;
    try {
      run(located, given);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(OrchError);
    const { code, summary, hint, where } = failure as OrchError;
    const place = where && 'file' in where ? where : undefined;
    expect({ code, line: place?.excerpt?.trim(), column: place?.column, file: place?.file }).toEqual({
      code: given.error.code,
      line: given.error.line,
      column: given.error.column,
      file,
    });
    expect(`${summary} ${hint ?? ''}`).toContain(given.error.message);
  });
});
