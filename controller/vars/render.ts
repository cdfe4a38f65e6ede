import { type FilePlace, OrchError } from '../../proto/errors.ts';
import type { Located } from '../source/located.ts';
import { child } from '../source/origins.ts';
import { systemFault } from '../source/system-fault.ts';
import {
  compile,
  compileCondition,
  compileExpression,
  compileFile,
  hasTemplate,
  isTemplateInstead,
  isWholeTemplate,
  truthy,
} from '../template/compile.ts';
import { Fault } from '../template/fault.ts';
import type { Syntax } from '../template/parse/syntax.ts';
import { dataEntries, objectOf } from '../template/python/mapping.ts';
import { NoElse, Sealed, typeName, Unresolved } from '../template/python/values.ts';
import { lookupAnswers } from '../template/render/globals.ts';
import { lazyMapping } from '../template/render/lazy.ts';
import { type Absent, type RenderOptions, TemplateError } from '../template/types.ts';
import { omit } from './omit.ts';
import { templateVariables } from './template-variables.ts';
import type { VarScope } from './types.ts';

/** Objects and lists that hold no template anywhere; most of an inventory. */
const plain = new WeakSet<object>();

function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return hasTemplate(value);
  if (typeof value !== 'object' || value === null || plain.has(value)) return false;
  const found = Object.values(value).some(holdsTemplate);
  if (!found) plain.add(value);
  return found;
}

/** How texts are rendered in a scope; `file`: the template file that they stand in. */
export function renderingIn(scope: VarScope, file?: string): RenderOptions {
  const { lookups, lookupOf, templates, workstation } = scope.options;
  return {
    scope,
    ...(lookups ? { lookups } : {}),
    ...(lookupOf ? { lookupOf } : {}),
    ...(workstation ? { workstation } : {}),
    ...(templates ? { readTemplate: (name) => templates(file)(name) } : {}),
  };
}

/** Where in a template file an error is; undefined when it is in a text of a playbook. */
function placeOf({ file, line, column, excerpt }: TemplateError): FilePlace | undefined {
  return file === undefined ? undefined : { file, line, column, excerpt };
}

/** Where in a text of a playbook it is; what is encrypted has no places inside. */
const placeIn = ({ origin, path }: Located, { code, line, column }: TemplateError): FilePlace =>
  code === 'vault' ? origin.place(path) : origin.placeInText(path, line, column);

/**
 * Runs `work`; a TemplateError comes out as an OrchError at its place in the located text, and so does what the system has
 * against a path that it gives.
 */
function placed<T>(text: Located, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const fault = systemFault(error);
    if (fault !== undefined) {
      const where = text.origin.place(text.path);
      throw new OrchError({ code: 'template-error', summary: fault, where, cause: error });
    }
    if (!(error instanceof TemplateError)) throw error;
    const where = placeOf(error) ?? placeIn(text, error);
    throw new OrchError({ code: error.code, summary: error.message, hint: error.hint, where, cause: error });
  }
}

/**
 * A value with all templates in it rendered, at any depth; entries and elements that come out as `omit` are left out. What holds no template is given back as it is, and results are never read as templates again. Keys are no templates.
 * Throws OrchError at the place in the file; what the scope throws (a value on its way) passes through.
 */
export function renderLocated(located: Located, scope: VarScope): unknown {
  const { value, origin, path } = located;
  if (!holdsTemplate(value)) return value;
  if (typeof value === 'string') return placed(located, () => compile(value).render(scope.rendering));
  const inner = (part: string | number, item: unknown) =>
    renderLocated({ value: item, origin, path: [...path, part] }, scope);
  if (Array.isArray(value)) return value.map((item, index) => inner(index, item)).filter((item) => item !== omit);
  const data = value as Readonly<Record<string, unknown>>;
  const entries = dataEntries(data).map(([key, item]) => [key, inner(String(key), item)] as const);
  return objectOf(entries.filter(([, item]) => item !== omit));
}

/**
 * The value of a variable: members that hold templates are asked of `member`, by their keys; those of mappings when they are
 * needed. What does not exist in what a template makes is Unresolved there.
 */
export function renderLazily(
  located: Located,
  scope: VarScope,
  member: (key: string, inner: Located) => unknown,
): unknown {
  const { value, origin, path } = located;
  if (!holdsTemplate(value)) return value;
  if (typeof value === 'string') {
    const absent: Absent = (raise, missing) => {
      const inPlace = () => placed(located, raise);
      if (missing instanceof NoElse) return new NoElse(0, inPlace);
      return missing instanceof Sealed ? new Sealed(inPlace, missing.vault) : new Unresolved(inPlace);
    };
    return placed(located, () => compile(value).render(scope.rendering, absent));
  }
  const inner = (key: string | number, item: unknown) =>
    holdsTemplate(item) ? member(String(key), { value: item, origin, path: [...path, key] }) : item;
  if (Array.isArray(value)) return value.map((item, index) => inner(index, item));
  return lazyMapping(value as Readonly<Record<string, unknown>>, holdsTemplate, inner);
}

/** Native value of a bare expression. Throws as `renderLocated`. */
export function evaluateExpression(expression: Located<string>, scope: VarScope): unknown {
  if (isWholeTemplate(expression.value)) return renderLocated(expression, scope);
  return placed(expression, () => compileExpression(expression.value).render(scope.rendering));
}

/**
 * Whether a condition holds: a boolean is itself, a text an expression. `{{ expression }}` works too, with a warning, and so do
 * templates in its constant texts. Another result than a boolean is an error, as in Ansible, unless its setting allows it.
 */
export function evaluateCondition(condition: Located<string | boolean>, scope: VarScope): boolean {
  const { value, origin, path } = condition;
  if (typeof value !== 'string') return truthy(value);
  const text: Located<string> = { value, origin, path };
  if (isTemplateInstead(value))
    scope.options.warn?.('a condition is an expression already: write it without {{ }}', text);
  const named = namedCondition(value, scope);
  if (named) return evaluateCondition(named, scope);
  const result = isTemplateInstead(value)
    ? renderLocated(text, scope)
    : placed(text, () => compileCondition(value).render(scope.rendering));
  if (typeof result === 'boolean' || scope.options.brokenConditionals === true)
    return placed(text, () => truthy(result));
  // An undefined value says itself what is wrong.
  const means = placed(text, () => truthy(result)) ? 'True' : 'False';
  throw new OrchError({
    code: 'template-error',
    summary: `Conditional result (${means}) was derived from value of type '${typeName(result)}'. Conditionals must have a boolean result.`,
    hint: 'Compare it (e.g. with "| length > 0"), or convert it with "| bool".',
    where: origin.place(path),
  });
}

/** The condition in `{{ variable }}`: an expression that a file holds. What hosts answer is never evaluated. */
function namedCondition(condition: string, scope: VarScope): Located<string> | undefined {
  const written = writtenAt(condition, scope);
  return typeof written?.value === 'string' ? { ...written, value: written.value } : undefined;
}

/** `{{ NAME }}`, `{{ NAME.key }}`, `{{ NAME['key'][0] }}`. */
const naming = /^\s*\{\{-?\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\['[^']*'\]|\["[^"]*"\]|\[\d+\])*)\s*-?\}\}\s*$/;
const member = /\.(\w+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/g;

/**
 * What a file says of the variable that a template names, or of a member of it; undefined where another template or a result
 * says it.
 */
export function writtenAt(template: string, scope: VarScope, seen: readonly string[] = []): Located | undefined {
  const [, name, members = ''] = naming.exec(template) ?? [];
  if (name === undefined || seen.includes(template)) return undefined;
  const follow = (found: Located | undefined) =>
    typeof found?.value === 'string' && hasTemplate(found.value)
      ? writtenAt(found.value, scope, [...seen, template])
      : found;
  let found = follow(scope.written(name));
  for (const [, ...keys] of members.matchAll(member)) {
    found = found && follow(child(found, keys.find((key) => key !== undefined) ?? ''));
  }
  return found;
}

/** A file to render. */
export interface FileText {
  readonly text: string;
  readonly file: string;
  readonly written?: string;
}

/**
 * A whole file as a template; backslashes are escapes as in Jinja2. `file` is for the places of errors.
 * `written`: how a task names it. `syntax` is what the template module can set of it.
 */
export function renderFile(
  { text, file, written = file }: FileText,
  scope: VarScope,
  syntax: Partial<Syntax> = {},
): unknown {
  try {
    return compileFile(text, file, syntax).render(
      renderingIn(scope.with(templateVariables(file, scope, written)), file),
    );
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const where = placeOf(error);
    throw new OrchError({ code: error.code, summary: error.message, hint: error.hint, where, cause: error });
  }
}

export interface AskedLookup {
  readonly name: string;
  readonly options?: ReadonlyMap<string, unknown>;
}

/** What a lookup answers, as a list where it gives several. Throws OrchError at the place of what asks. */
export function askLookup(
  scope: VarScope,
  { name, options = new Map() }: AskedLookup,
  terms: readonly unknown[],
  at: Located,
): unknown {
  const { origin, path } = at;
  try {
    return lookupAnswers(name, terms, options, scope.rendering);
  } catch (error) {
    if (!(error instanceof Fault) && !(error instanceof OrchError && !error.where)) throw error;
    throw new OrchError({ code: error.code, summary: error.message, hint: error.hint, where: origin.place(path) });
  }
}
