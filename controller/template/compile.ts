import { parseExpression } from './expression-parser.ts';
import { atEdge } from './fault.ts';
import { type LexOptions, lexExpression } from './lexer.ts';
import { parseBody } from './statement-parser.ts';
import { lexTemplate } from './template-lexer.ts';
import { TokenStream } from './token-stream.ts';
import type { Expression, Statement } from './tree.ts';

const defaults: LexOptions = { trimBlocks: true, lstripBlocks: false };

/** Parses a template's text. Throws TemplateError. */
export function parseTemplate(text: string, options: LexOptions = defaults): Statement[] {
  return atEdge(text, () => parseBody(new TokenStream(lexTemplate(text, options), text.length), []));
}

/** Parses a bare expression, as `when:` holds it. Throws TemplateError. */
export function parseBareExpression(text: string): Expression {
  return atEdge(text, () => {
    const stream = new TokenStream(lexExpression(text, 0, '').tokens, text.length);
    const expression = parseExpression(stream);
    if (!stream.is('eof')) stream.fail('an operator or the end');
    return expression;
  });
}
