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

const defaults: LexOptions = { trimBlocks: true, lstripBlocks: false };
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

function textual(text: string, body: readonly Statement[]): Template {
  return { render: (options) => atEdge(text, () => renderBody(body, newFrame(options))) };
}

/** Parses a template with options of its own (the template module has them); not cached. Throws TemplateError. */
export function compileWith(text: string, options: Partial<LexOptions>): Template {
  const body = atEdge(text, () => {
    const tokens = lexTemplate(text, { ...defaults, ...options });
    return parseBody(new TokenStream(tokens, text.length, checkPlugin), []);
  });
  const [only, ...more] = body;
  return only?.kind === 'print' && more.length === 0 ? native(text, only.value) : textual(text, body);
}

/**
 * Parses a template; the same text is parsed once. Filters and tests must exist. Throws TemplateError.
 * Ansible's settings: the newline after a block tag is dropped, the last newline of the text kept.
 */
export const compile: (text: string) => Template = cached((text) => compileWith(text, {}));

/** Parses a bare expression, as `when:` and `until:` hold it; rendering gives its own value. Throws TemplateError. */
export const compileExpression: (text: string) => Template = cached((text) => {
  const expression = atEdge(text, () => {
    const stream = new TokenStream(lexExpression(text, 0, '').tokens, text.length, checkPlugin);
    const parsed = parseExpression(stream);
    if (!stream.is('eof')) stream.fail('an operator or the end');
    return parsed;
  });
  return native(text, expression);
});

/** Python's truth of plain data, as conditions use it. */
export const truthy = (value: unknown): boolean => truth(value);

/** True when a text holds a template; false means that rendering would give it back unchanged. */
export const hasTemplate = (text: string): boolean => /\{[{%#]/.test(text);
