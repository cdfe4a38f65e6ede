import { parseArguments, parsePrimary, parseSubscript } from './primary-parser.ts';
import type { TokenStream } from './token-stream.ts';
import type { BinaryOperator, CompareOperator, Expression, NamedCall } from './tree.ts';

/** An expression, `a if b else c` included. The grammar and its precedence are Jinja2's. */
export function parseExpression(stream: TokenStream): Expression {
  return stream.nested(() => {
    const { missing } = stream;
    let yes = parseOr(stream);
    while (stream.isName('if')) {
      const { at } = stream.next();
      const test = parseOr(stream);
      const no = stream.skipName('else') ? parseExpression(stream) : undefined;
      yes = { kind: 'condition', at, test, yes, no };
      stream.passOver(missing);
    }
    return yes;
  });
}

/** The same without `if`/`else`, as the list of a `for` needs it. */
export function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream);
  while (stream.isName('or')) {
    const { at } = stream.next();
    left = { kind: 'or', at, left, right: parseAnd(stream) };
  }
  return left;
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream);
  while (stream.isName('and')) {
    const { at } = stream.next();
    left = { kind: 'and', at, left, right: parseNot(stream) };
  }
  return left;
}

function parseNot(stream: TokenStream): Expression {
  if (!stream.isName('not')) return parseCompare(stream);
  const { at } = stream.next();
  return { kind: 'not', at, operand: stream.nested(() => parseNot(stream)) };
}

function compareOperator(stream: TokenStream): CompareOperator | undefined {
  if (stream.isOperator('==', '!=', '<', '<=', '>', '>=')) return stream.next().value as CompareOperator;
  if (stream.skipName('in')) return 'in';
  if (stream.isName('not') && stream.following.type === 'name' && stream.following.value === 'in') {
    stream.next();
    stream.next();
    return 'not in';
  }
  return undefined;
}

function parseCompare(stream: TokenStream): Expression {
  const first = parseSum(stream);
  const rest: { operator: CompareOperator; value: Expression }[] = [];
  const { at } = stream.current;
  for (let operator = compareOperator(stream); operator !== undefined; operator = compareOperator(stream)) {
    rest.push({ operator, value: parseSum(stream) });
  }
  return rest.length === 0 ? first : { kind: 'compare', at, first, rest };
}

function binary(stream: TokenStream, operators: readonly BinaryOperator[], operand: typeof parseSum): Expression {
  let left = operand(stream);
  while (stream.isOperator(...operators)) {
    const { at, value } = stream.next();
    left = { kind: 'binary', at, operator: value as BinaryOperator, left, right: operand(stream) };
  }
  return left;
}

const parseSum = (stream: TokenStream): Expression => binary(stream, ['+', '-'], parseConcat);
const parseProduct = (stream: TokenStream): Expression => binary(stream, ['*', '/', '//', '%'], parsePower);
const parsePower = (stream: TokenStream): Expression => binary(stream, ['**'], (inner) => parseUnary(inner, true));

function parseConcat(stream: TokenStream): Expression {
  const { at } = stream.current;
  const parts = [parseProduct(stream)];
  while (stream.skip('~')) parts.push(parseProduct(stream));
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: 'concat', at, parts };
}

function parseUnary(stream: TokenStream, withFilters: boolean): Expression {
  let node: Expression;
  if (stream.isOperator('-', '+')) {
    const { at, value } = stream.next();
    const operand = stream.nested(() => parseUnary(stream, false));
    node = { kind: value === '-' ? 'negative' : 'positive', at, operand };
  } else {
    node = parsePrimary(stream, parseExpression);
  }
  node = parsePostfix(stream, node);
  return withFilters ? parseFilters(stream, node) : node;
}

function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let node = start;
  for (;;) {
    if (stream.isOperator('.', '[')) node = parseSubscript(stream, node, parseExpression);
    else if (stream.isOperator('(')) node = parseCall(stream, node);
    else return node;
  }
}

function parseCall(stream: TokenStream, callee: Expression): Expression {
  return { kind: 'call', at: callee.at, callee, args: parseArguments(stream, parseExpression) };
}

function parseFilters(stream: TokenStream, start: Expression): Expression {
  let node = start;
  for (;;) {
    if (stream.skip('|')) node = { kind: 'filter', value: node, ...parseFilterCall(stream) };
    else if (stream.isName('is')) node = parseTest(stream, node);
    else if (stream.isOperator('(')) node = parseCall(stream, node);
    else return node;
  }
}

function dottedName(stream: TokenStream): { name: string; at: number } {
  const first = stream.expect('name');
  let name = first.value;
  while (stream.skip('.')) name += `.${stream.expect('name').value}`;
  return { name, at: first.at };
}

/** A filter after its `|`: name and arguments. */
export function parseFilterCall(stream: TokenStream): NamedCall {
  const { name, at } = dottedName(stream);
  stream.checkPlugin('filter', name, at);
  const args = stream.isOperator('(') ? parseArguments(stream, parseExpression) : noArguments;
  return { name, at, args };
}

const noArguments = { positional: [], named: [], spread: undefined, spreadNamed: undefined };

function startsTestArgument(stream: TokenStream): boolean {
  const { type } = stream.current;
  if (type === 'name') return !stream.isName('else', 'or', 'and', 'if', 'is', 'in', 'not');
  return type === 'string' || type === 'integer' || type === 'float' || stream.isOperator('[', '{');
}

function parseTest(stream: TokenStream, value: Expression): Expression {
  stream.next();
  const negated = stream.isName('not');
  if (negated) stream.next();
  const { name, at } = dottedName(stream);
  stream.checkPlugin('test', name, at);
  let args = noArguments as NamedCall['args'];
  if (stream.isOperator('(')) {
    args = parseArguments(stream, parseExpression);
  } else if (startsTestArgument(stream)) {
    args = { ...noArguments, positional: [parsePostfix(stream, parsePrimary(stream, parseExpression))] };
  } else if (stream.isName('is')) {
    stream.fail("'and'");
  }
  const test: Expression = { kind: 'test', at, value, name, args };
  return negated ? { kind: 'not', at, operand: test } : test;
}
