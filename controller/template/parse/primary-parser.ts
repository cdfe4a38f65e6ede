import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { normal } from '../python/integer.ts';
import type { TokenStream } from './token-stream.ts';
import type { CallArguments, Expression } from './tree.ts';

type Parse = (stream: TokenStream) => Expression;

const constants = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

const integerValue = (text: string): number | bigint => normal(BigInt(text.replace(/^0+(?=\d)/, '')));

/** Names, literals and what is in brackets. `expression` parses what is inside. */
export function parsePrimary(stream: TokenStream, expression: Parse): Expression {
  const token = stream.current;
  const { at } = token;
  switch (token.type) {
    case 'name': {
      if (stream.isName('and', 'or', 'not', 'in', 'is', 'if', 'else')) stream.fail('an expression');
      stream.next();
      return constants.has(token.value)
        ? { kind: 'constant', at, value: constants.get(token.value) }
        : { kind: 'name', at, name: token.value };
    }
    case 'string': {
      let value = '';
      while (stream.is('string')) value += stream.next().value;
      return stream.embeds && /\{[{%]/.test(value)
        ? { kind: 'embedded', at, text: value }
        : { kind: 'constant', at, value };
    }
    case 'integer':
      stream.next();
      return { kind: 'constant', at, value: integerValue(token.value) };
    case 'float':
      stream.next();
      return { kind: 'constant', at, value: Float.of(Number(token.value)) };
    default:
      if (stream.skip('(')) return parseParentheses(stream, at, expression);
      if (stream.skip('[')) return { kind: 'list', at, items: parseItems(stream, ']', expression) };
      if (stream.skip('{')) return parseDict(stream, at, expression);
      return stream.fail('an expression');
  }
}

function parseItems(stream: TokenStream, closer: string, expression: Parse): Expression[] {
  const items: Expression[] = [];
  while (!stream.skip(closer)) {
    if (items.length > 0) {
      if (!stream.skip(',')) stream.fail(`',' or '${closer}'`);
      if (stream.skip(closer)) break;
    }
    items.push(expression(stream));
  }
  return items;
}

function parseParentheses(stream: TokenStream, at: number, expression: Parse): Expression {
  if (stream.skip(')')) return { kind: 'tuple', at, items: [] };
  const first = expression(stream);
  if (stream.skip(')')) return first;
  if (!stream.skip(',')) stream.fail("',' or ')'");
  return { kind: 'tuple', at, items: [first, ...parseItems(stream, ')', expression)] };
}

function parseDict(stream: TokenStream, at: number, expression: Parse): Expression {
  if (stream.isOperator('{')) {
    const hint = 'this is an expression already: write the name alone';
    throw new Fault("'{{' inside of an expression", { code: 'template-syntax', at, hint });
  }
  const pairs: { key: Expression; value: Expression }[] = [];
  while (!stream.skip('}')) {
    if (pairs.length > 0) {
      if (!stream.skip(',')) stream.fail("',' or '}'");
      if (stream.skip('}')) break;
    }
    const key = expression(stream);
    stream.expect('operator', ':');
    pairs.push({ key, value: expression(stream) });
  }
  return { kind: 'dict', at, pairs };
}

/** `.name`, `.0`, `[key]` or `[start:stop:step]` after `object`. */
export function parseSubscript(stream: TokenStream, object: Expression, expression: Parse): Expression {
  const { at, value: opener } = stream.next();
  if (opener === '.') {
    const token = stream.current;
    if (token.type !== 'name' && token.type !== 'integer') stream.fail('a name or an index');
    stream.next();
    if (token.type === 'name') return { kind: 'attribute', at: token.at, object, name: token.value };
    const key: Expression = { kind: 'constant', at: token.at, value: integerValue(token.value) };
    return { kind: 'item', at: token.at, object, key };
  }
  const inside = () => (stream.isOperator(':', ']') ? undefined : expression(stream));
  const start = inside();
  if (start && stream.skip(']')) return { kind: 'item', at, object, key: start };
  if (!stream.skip(':')) stream.fail(start ? "']'" : 'an expression');
  const stop = inside();
  const step = stream.skip(':') ? inside() : undefined;
  stream.expect('operator', ']');
  return { kind: 'slice', at, object, start, stop, step };
}

/** `(a, *b, c=d, **e)`. */
export function parseArguments(stream: TokenStream, expression: Parse): CallArguments {
  stream.expect('operator', '(');
  const positional: Expression[] = [];
  const named: { name: string; value: Expression }[] = [];
  let spread: Expression | undefined;
  let spreadNamed: Expression | undefined;
  for (let count = 0; !stream.skip(')'); count++) {
    if (count > 0) {
      if (!stream.skip(',')) stream.fail("',' or ')'");
      if (stream.skip(')')) break;
    }
    const { current, following } = stream;
    if (spread === undefined && spreadNamed === undefined && stream.skip('*')) {
      spread = expression(stream);
    } else if (spreadNamed === undefined && stream.skip('**')) {
      spreadNamed = expression(stream);
    } else if (current.type === 'name' && following.type === 'operator' && following.value === '=') {
      stream.next();
      stream.next();
      if (named.some(({ name }) => name === current.value)) {
        throw new Fault(`keyword argument repeated: ${current.value}`, { code: 'template-syntax', at: current.at });
      }
      named.push({ name: current.value, value: expression(stream) });
    } else {
      if (named.length > 0 || spread || spreadNamed) {
        const message = 'an argument without a name cannot follow one with a name';
        throw new Fault(message, { code: 'template-syntax', at: current.at });
      }
      positional.push(expression(stream));
    }
  }
  return { positional, named, spread, spreadNamed };
}
