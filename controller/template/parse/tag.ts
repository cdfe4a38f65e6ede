import type { parseExpression } from './expression-parser.ts';
import type { TokenStream } from './token-stream.ts';
import type { Expression } from './tree.ts';

/** What must stand at the end of a tag. */
export function endOfTag(stream: TokenStream, type: 'print-end' | 'block-end', closer: string): void {
  if (!stream.is(type)) stream.fail(`an operator or '${closer}'`);
  stream.next();
}

export const closeBlock = (stream: TokenStream) => endOfTag(stream, 'block-end', '%}');

/** One expression, or a tuple without parentheses: `a, b`. */
export function parseTuple(stream: TokenStream, parse: typeof parseExpression): Expression {
  const first = parse(stream);
  if (!stream.isOperator(',')) return first;
  const items = [first];
  while (stream.skip(',')) {
    if (stream.is('block-end') || stream.is('print-end') || stream.isName('recursive')) break;
    items.push(parse(stream));
  }
  return { kind: 'tuple', at: first.at, items };
}
