import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, compileFile } from '../../../controller/template/compile.ts';
import { type Scope, TemplateError } from '../../../controller/template/types.ts';
import { expressions, files, templates } from './generate.ts';
import { variables } from './variables.ts';

/**
 * Generated expressions and template files against the answers of Ansible's own engine, kept in `answers.ndjson`: a
 * line for each case, `[text, value]`, or `[text]` where Ansible fails. ORCH_TEST_ALL=1 asks Ansible again, where
 * ansible-core is installed (Debian: python3-jinja2 ansible-core); with ORCH_TEST_RECORD=1 it keeps the answers.
 */
type Recorded = readonly [text: string, value?: unknown];

const record = new URL('answers.ndjson', import.meta.url);
const count = 2000;
const generated = [...expressions(count, 1), ...templates(300, 2)];

const python = '/usr/bin/python3';

/** What Ansible says now; undefined, with the reason, where it is not installed. */
function askAnsible(): { answers: readonly (readonly unknown[])[] } | { reason: string } {
  const cases = generated.map((text, index) => ({ kind: index < count ? 'expression' : 'file', text }));
  try {
    execFileSync(python, ['-c', 'import ansible.template, jinja2'], { stdio: 'pipe' });
  } catch {
    return { reason: `${python} has no ansible-core: apt-get install python3-jinja2 ansible-core` };
  }
  const input = JSON.stringify({ vars: variables, files, cases });
  const script = new URL('answers.py', import.meta.url).pathname;
  const output = execFileSync(python, [script], {
    input,
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { answers: JSON.parse(output) as unknown[][] };
}

const live = process.env.ORCH_TEST_ALL === '1' ? askAnsible() : undefined;
if (live && 'answers' in live && process.env.ORCH_TEST_RECORD === '1') {
  const lines = generated.map((text, index) => JSON.stringify([text, ...(live.answers[index] ?? [])]));
  writeFileSync(record, `${lines.join('\n')}\n`);
}
const recorded = readFileSync(record, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const vars: Readonly<Record<string, unknown>> = variables;
const scope: Scope = {
  has: (name) => Object.hasOwn(vars, name),
  get: (name) => vars[name],
  names: () => Object.keys(vars),
};
const found: Readonly<Record<string, string>> = files;

function fileOf(name: string): { file: string; text: string } | undefined {
  const text = found[name];
  return text === undefined ? undefined : { file: name, text };
}

function answer(text: string, kind: 'expression' | 'file'): unknown[] {
  try {
    if (kind === 'expression') return [compile(`{{ ${text} }}`).render({ scope })];
    return [compileFile(text).render({ scope, readTemplate: fileOf })];
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}

test('the kept answers are those of the generated cases', () => {
  expect(recorded.map(([text]) => text)).toEqual(generated);
});

/** Filters and tests of ansible.utils and community.general, asked once: Debian's ansible-core comes without them. */
test('answers of collections are those of Ansible', () => {
  const text = readFileSync(new URL('collections.ndjson', import.meta.url), 'utf8');
  const cases = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  const ours = cases.map(([expression]) => [expression, ...answer(expression, 'expression')]);
  expect(ours.map((line) => JSON.stringify(line))).toEqual(cases.map((line) => JSON.stringify(line)));
});

const size = 100;
describe.each(Array.from({ length: Math.ceil(generated.length / size) }, (_, index) => index * size))(
  'from %d',
  (first) => {
    test("the answers are Ansible's", () => {
      const cases = recorded.slice(first, first + size);
      const ours = cases.map(([text], index) => [text, ...answer(text, first + index < count ? 'expression' : 'file')]);
      // As JSON, which has one zero only, and keeps the order of keys.
      expect(ours.map((line) => JSON.stringify(line))).toEqual(cases.map((line) => JSON.stringify(line)));
    });
  },
);

test.runIf(live)('Ansible still gives the kept answers', (context) => {
  if (live && 'reason' in live) context.skip(live.reason);
  // As they are kept: JSON.stringify has no -0.
  else expect(JSON.parse(JSON.stringify(live?.answers))).toEqual(recorded.map(([, ...value]) => value));
});
