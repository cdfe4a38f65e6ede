import { atEdge, Fault, type Text } from './fault.ts';
import { parseExpression } from './parse/expression-parser.ts';
import { lexExpression } from './parse/lexer.ts';
import { parseBody } from './parse/statement-parser.ts';
import { type LexOptions, type Syntax, standardSyntax, withHeader } from './parse/syntax.ts';
import { lexTemplate } from './parse/template-lexer.ts';
import { TokenStream } from './parse/token-stream.ts';
import type { Expression, Source, Statement } from './parse/tree.ts';
import { checkPlugin } from './plugins.ts';
import { truth } from './python/compare.ts';
import { toPlain } from './python/plain.ts';
import { callsChanges } from './render/call.ts';
import { evaluate } from './render/evaluator.ts';
import { Frame, Rendering } from './render/frame.ts';
import { globalOf } from './render/globals.ts';
import { renderTemplate } from './render/renderer.ts';
import type { Absent, RenderOptions, Template } from './types.ts';

const defaults: LexOptions = { ...standardSyntax, escapes: false };
const cacheSize = 10_000;

/** What `make` gives, by text; emptied when full, which no playbook reaches. */
function cached<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (known.size >= cacheSize) known.clear();
    known.set(text, made);
    return made;
  };
}

interface Parsed {
  readonly source: Source;
  readonly syntax: LexOptions;
}

/** Parses a template's text. Jinja2 drops the last newline of a template, and knows one kind of newline only. */
function parseText({ text, file }: Text, options: LexOptions, hasHeader: boolean): Parsed {
  const source = { text: text.replace(/\r\n?/g, '\n').replace(/\n$/, ''), file, changes: callsChanges(text) };
  return atEdge(source, () => {
    const { start, syntax } = hasHeader ? withHeader(source.text, options) : { start: 0, syntax: options };
    const stream = new TokenStream(lexTemplate(source.text, syntax, start), source.text.length, checkPlugin);
    const body = parseBody(stream, []);
    stream.checkMissing();
    return { source: { ...source, body }, syntax };
  });
}

/** A template by itself, which may begin with a `#jinja2:` line. */
const parseWhole = (text: Text, options: LexOptions): Parsed => parseText(text, options, true);

const wholeTemplate = /^\s*\{\{(?:(?!\}\}|\{\{)[\s\S])*\}\}\s*$/;

/** True when a text is one `{{ }}` and nothing else. */
export function isWholeTemplate(text: string): boolean {
  return wholeTemplate.test(text);
}

/** True for a text that is a template where an expression is expected: one `{{ }}`, or tags such as `{% set %}` and what they lead to. */
export function isTemplateInstead(text: string): boolean {
  return isWholeTemplate(text) || /^\s*\{%[\s\S]*[%}]\}\s*$/.test(text);
}

/** True when a text may be a template; any other is its own result. */
const holdsTags = (text: string, { block, variable, comment }: Syntax): boolean =>
  text.startsWith('#jinja2:') || [block, variable, comment].some(([start]) => text.includes(start));

/** Templates that were included, imported or extended, by what they were parsed with. */
const included = new Map<string, { readonly text: string; readonly source: Source }>();

function find(name: string, { options: { readTemplate }, syntax }: Rendering): Source | undefined {
  const found = readTemplate?.(name);
  if (!found) return undefined;
  const key = JSON.stringify([found.file, syntax]);
  const known = included.get(key);
  if (known?.text === found.text) return known.source;
  // The settings of a `#jinja2:` line are those of the outer template.
  const { source } = parseText(found, { ...syntax, escapes: true }, false);
  included.set(key, { text: found.text, source });
  return source;
}

const embeddedSource = cached((text) => parseWhole({ text, file: undefined }, defaults).source);

const parts = {
  global: (name: string, { options }: Rendering) => globalOf(name, options),
  find,
  embedded: (text: string, frame: Frame) => {
    const source = embeddedSource(text);
    frame.rendering.enter(source);
    return renderTemplate(source, Frame.top(frame.rendering, source, frame));
  },
};

function topFrame(source: Source, options: RenderOptions, syntax: LexOptions): Frame {
  const rendering = new Rendering(options, syntax, parts);
  rendering.enter(source);
  return Frame.top(rendering, source);
}

/** The value that leaves a template: plain data, or what a variable keeps until it is asked for. */
function result(value: unknown, source: Source, absent: Absent | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (!absent) return toPlain(value);
  return toPlain(value, (missing) =>
    absent(
      () =>
        atEdge(source, () => {
          throw missing.fault();
        }),
      missing,
    ),
  );
}

function native(source: Source, expression: Expression, syntax: LexOptions): Template {
  return {
    render: (options, absent) =>
      atEdge(source, () => {
        try {
          return result(evaluate(expression, topFrame(source, options, syntax)), source, absent);
        } catch (error) {
          if (error instanceof Fault) error.at ??= expression.at;
          throw error;
        }
      }),
  };
}

/** A text of one value gives that value, any other its text. */
function templateOf({ source, syntax }: Parsed): Template {
  const [only, ...more] = source.body;
  if (only?.kind === 'print' && more.length === 0) return native(source, only.value, syntax);
  return {
    render: (options, absent) =>
      atEdge(source, () => result(renderTemplate(source, topFrame(source, options, syntax)), source, absent)),
  };
}

const newlines = (text: string): string => /\n*$/.exec(text)?.[0] ?? '';

/** As Ansible does: the newlines at a template's end are also at its result's end, whatever tags stand before them. */
function keepingNewlines(template: Template, wanted: number, newline: string): Template {
  if (wanted === 0) return template;
  return {
    render: (options, absent) => {
      const value = template.render(options, absent);
      if (typeof value !== 'string') return value;
      return value + newline.repeat(Math.max(0, wanted - newlines(value).length));
    },
  };
}

/**
 * Parses a template file's text: backslashes are escapes, and the options are the template module's (standard:
 * the newline after a block tag is dropped). Not cached. Throws TemplateError.
 */
export function compileFile(text: string, file?: string, options: Partial<Syntax> = {}): Template {
  return compileWith({ text, file }, { ...defaults, ...options, escapes: true });
}

/** The tree of a template's text. Throws TemplateError. */
export function parseTemplate(text: string): readonly Statement[] {
  return parseWhole({ text, file: undefined }, defaults).source.body;
}

/** The tree of a bare expression; `embeds`: with templates in its constant texts rendered. Throws TemplateError. */
export function parseBareExpression(text: string, embeds = false): Expression {
  return atEdge({ text, file: undefined }, () => {
    const stream = new TokenStream(lexExpression(text, 0, '').tokens, text.length, checkPlugin, embeds);
    const expression = parseExpression(stream);
    if (!stream.is('eof')) stream.fail('an operator or the end');
    stream.checkMissing();
    return expression;
  });
}

function bareTemplate(text: string, embeds: boolean): Template {
  const source = { text, file: undefined, body: [], changes: callsChanges(text) };
  return native(source, parseBareExpression(text, embeds), defaults);
}

function compileWith(text: Text, options: LexOptions): Template {
  if (!holdsTags(text.text, options)) return { render: () => text.text };
  const template = templateOf(parseWhole(text, options));
  return keepingNewlines(template, newlines(text.text).length, options.newline);
}

/**
 * Parses a text of a playbook; the same text is parsed once. Filters and tests must exist, but in branches of `if`. Throws TemplateError.
 * Ansible's settings: the newline after a block tag is dropped, the last newline of the text kept, backslashes in
 * strings of {{ }} stand for themselves.
 */
export const compile: (text: string) => Template = cached((text) => compileWith({ text, file: undefined }, defaults));

/** Parses a bare expression, as debug's `var` holds it; rendering gives its own value. Throws TemplateError. */
export const compileExpression: (text: string) => Template = cached((text) => bareTemplate(text, false));

/** The same for a condition: templates in its constant texts are rendered, as in `when: name == '{{ other }}'`. */
export const compileCondition: (text: string) => Template = cached((text) => bareTemplate(text, true));

/** Python's truth of plain data, as conditions use it. */
export const truthy = (value: unknown): boolean => truth(value);

/** True when a text holds a template; false means that rendering would give it back unchanged. */
export const hasTemplate = (text: string): boolean => /\{[{%#]|^#jinja2:/.test(text);
