import { truth } from './compare.ts';
import { evaluate } from './evaluator.ts';
import { parseExpression } from './expression-parser.ts';
import { atEdge, Fault } from './fault.ts';
import { Frame, Rendering } from './frame.ts';
import { globalsFor } from './globals.ts';
import { type LexOptions, lexExpression } from './lexer.ts';
import { toPlain } from './plain.ts';
import { checkPlugin } from './plugins.ts';
import { renderBody } from './renderer.ts';
import { parseBody } from './statement-parser.ts';
import { lexTemplate } from './template-lexer.ts';
import { TokenStream } from './token-stream.ts';
import type { Expression, Statement } from './tree.ts';
import type { RenderOptions, Template } from './types.ts';

const defaults: LexOptions = { trimBlocks: true, lstripBlocks: false, escapes: false };
const cacheSize = 10_000;

/** Templates by text; emptied when full, which no playbook reaches. */
function cached(make: (text: string) => Template): (text: string) => Template {
  const known = new Map<string, Template>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const template = make(text);
    if (known.size >= cacheSize) known.clear();
    known.set(text, template);
    return template;
  };
}

function newFrame(options: RenderOptions): Frame {
  return new Frame(new Rendering(options, globalsFor(options)));
}

function native(text: string, expression: Expression): Template {
  return {
    render: (options) =>
      atEdge(text, () => {
        try {
          return toPlain(evaluate(expression, newFrame(options)));
        } catch (error) {
          if (error instanceof Fault) error.at ??= expression.at;
          throw error;
        }
      }),
  };
}

/** A text of one value gives that value, any other its text. */
function textual(text: string, body: readonly Statement[]): Template {
  const [only, ...more] = body;
  if (only?.kind === 'print' && more.length === 0) return native(text, only.value);
  return { render: (options) => atEdge(text, () => toPlain(renderBody(body, newFrame(options)))) };
}

const newlines = (text: string): string => /\n*$/.exec(text)?.[0] ?? '';

/** As Ansible does: the newlines at a template's end are also at its result's end, whatever tags stand before them. */
function keepingNewlines(template: Template, wanted: number): Template {
  return {
    render: (options) => {
      const value = template.render(options);
      if (typeof value !== 'string') return value;
      return value + '\n'.repeat(Math.max(0, wanted - newlines(value).length));
    },
  };
}

/**
 * Parses a template file's text: backslashes are escapes, and the options are the template module's (standard:
 * the newline after a block tag is dropped). Not cached. Throws TemplateError.
 */
export function compileFile(text: string, options: Partial<Omit<LexOptions, 'escapes'>> = {}): Template {
  return compileWith(text, { ...defaults, ...options, escapes: true });
}

/** The tree of a template's text. Throws TemplateError. */
export function parseTemplate(text: string, options: LexOptions = defaults): readonly Statement[] {
  const tokens = atEdge(text, () => lexTemplate(text, options));
  return atEdge(text, () => parseBody(new TokenStream(tokens, text.length, checkPlugin), []));
}

/** The tree of a bare expression. Throws TemplateError. */
export function parseBareExpression(text: string): Expression {
  return atEdge(text, () => {
    const stream = new TokenStream(lexExpression(text, 0, '').tokens, text.length, checkPlugin);
    const expression = parseExpression(stream);
    if (!stream.is('eof')) stream.fail('an operator or the end');
    return expression;
  });
}

function compileWith(text: string, options: LexOptions): Template {
  if (!hasTemplate(text)) return { render: () => text };
  const { length } = newlines(text);
  const source = length > 0 ? text.slice(0, -1) : text;
  const body = atEdge(source, () => {
    const tokens = lexTemplate(source, options);
    return parseBody(new TokenStream(tokens, source.length, checkPlugin), []);
  });
  const template = textual(source, body);
  return length > 0 ? keepingNewlines(template, length) : template;
}

/**
 * Parses a text of a playbook; the same text is parsed once. Filters and tests must exist. Throws TemplateError.
 * Ansible's settings: the newline after a block tag is dropped, the last newline of the text kept, backslashes in
 * strings of {{ }} stand for themselves.
 */
export const compile: (text: string) => Template = cached((text) => compileWith(text, defaults));

/** Parses a bare expression, as `when:` and `until:` hold it; rendering gives its own value. Throws TemplateError. */
export const compileExpression: (text: string) => Template = cached((text) => native(text, parseBareExpression(text)));

/** Python's truth of plain data, as conditions use it. */
export const truthy = (value: unknown): boolean => truth(value);

/** True when a text holds a template; false means that rendering would give it back unchanged. */
export const hasTemplate = (text: string): boolean => /\{[{%#]/.test(text);
