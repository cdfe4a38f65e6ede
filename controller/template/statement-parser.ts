import { parseExpression, parseFilterCall, parseOr } from './expression-parser.ts';
import { Fault } from './fault.ts';
import { didYouMean } from './suggest.ts';
import { parseTarget } from './target-parser.ts';
import type { TokenStream } from './token-stream.ts';
import type { Expression, NamedCall, Parameter, Statement, StatementOf } from './tree.ts';

/** Statements up to (not including) a tag that starts with one of `ends`; to the text's end when there are none. */
export function parseBody(
  stream: TokenStream,
  ends: readonly string[],
  opener?: { name: string; at: number },
): Statement[] {
  const body: Statement[] = [];
  for (;;) {
    const token = stream.current;
    if (token.type === 'eof') {
      if (!opener) return body;
      throw new Fault(`'{% ${opener.name} %}' is never closed by '{% ${ends.at(-1)} %}'`, {
        code: 'template-syntax',
        at: opener.at,
      });
    }
    stream.next();
    if (token.type === 'data') {
      body.push({ kind: 'text', at: token.at, text: token.value });
    } else if (token.type === 'print-begin') {
      body.push({ kind: 'print', at: stream.current.at, value: parseTuple(stream, parseExpression) });
      endOfTag(stream, 'print-end', '}}');
    } else {
      if (stream.isName(...ends)) return body;
      body.push(stream.nested(() => parseStatement(stream, ends)));
    }
  }
}

function endOfTag(stream: TokenStream, type: 'print-end' | 'block-end', closer: string): void {
  if (!stream.is(type)) stream.fail(`an operator or '${closer}'`);
  stream.next();
}

const closeBlock = (stream: TokenStream) => endOfTag(stream, 'block-end', '%}');

/** One expression, or a tuple without parentheses: `a, b`. */
function parseTuple(stream: TokenStream, parse: typeof parseExpression): Expression {
  const first = parse(stream);
  if (!stream.isOperator(',')) return first;
  const items = [first];
  while (stream.skip(',')) {
    if (stream.is('block-end') || stream.is('print-end') || stream.isName('recursive')) break;
    items.push(parse(stream));
  }
  return { kind: 'tuple', at: first.at, items };
}

type Keyword = (stream: TokenStream, at: number) => Statement;

const keywords = new Map<string, Keyword>([
  ['if', parseIf],
  ['for', parseFor],
  ['set', parseSet],
  ['with', parseWith],
  ['filter', parseFilterBlock],
  ['macro', parseMacro],
  ['do', parseDo],
  ['break', (stream, at) => parseJump(stream, at, 'break')],
  ['continue', (stream, at) => parseJump(stream, at, 'continue')],
]);

function parseStatement(stream: TokenStream, ends: readonly string[]): Statement {
  const token = stream.expect('name');
  const keyword = keywords.get(token.value);
  if (keyword) return keyword(stream, token.at);
  const expected = ends.length > 0 ? `; '{% ${ends.at(-1)} %}' is expected here` : '';
  throw new Fault(`unknown or misplaced tag '${token.value}'${expected}`, {
    code: 'template-syntax',
    at: token.at,
    hint: didYouMean(token.value, [...keywords.keys(), ...ends]),
  });
}

/** The body, and the end tag itself. */
function bodyUntil(stream: TokenStream, name: string, at: number): Statement[] {
  const body = parseBody(stream, [`end${name}`], { name, at });
  stream.next();
  if (name === 'macro' && stream.is('name')) stream.next();
  closeBlock(stream);
  return body;
}

function parseIf(stream: TokenStream, at: number): Statement {
  const branches: { test: Expression; body: Statement[] }[] = [];
  const opener = { name: 'if', at };
  let otherwise: Statement[] = [];
  for (let word = 'if'; word !== 'endif'; ) {
    if (word === 'else') {
      closeBlock(stream);
      otherwise = parseBody(stream, ['endif'], opener);
    } else {
      const test = parseTuple(stream, parseExpression);
      closeBlock(stream);
      branches.push({ test, body: parseBody(stream, ['elif', 'else', 'endif'], opener) });
    }
    word = stream.next().value;
  }
  closeBlock(stream);
  return { kind: 'if', at, branches, otherwise };
}

function parseFor(stream: TokenStream, at: number): Statement {
  const target = parseTarget(stream);
  if (!stream.skipName('in')) stream.fail("'in'");
  const items = parseTuple(stream, parseOr);
  const condition = stream.skipName('if') ? parseExpression(stream) : undefined;
  const recursive = stream.skipName('recursive');
  closeBlock(stream);
  const opener = { name: 'for', at };
  const body = parseBody(stream, ['else', 'endfor'], opener);
  let otherwise: Statement[] = [];
  if (stream.next().value === 'else') {
    closeBlock(stream);
    otherwise = parseBody(stream, ['endfor'], opener);
    stream.next();
  }
  closeBlock(stream);
  return { kind: 'for', at, target, items, condition, recursive, body, otherwise };
}

function parseFilterList(stream: TokenStream): NamedCall[] {
  const filters: NamedCall[] = [];
  while (stream.skip('|')) filters.push(parseFilterCall(stream));
  return filters;
}

function parseSet(stream: TokenStream, at: number): Statement {
  const target = parseTarget(stream);
  if (stream.skip('=')) {
    const value = parseTuple(stream, parseExpression);
    closeBlock(stream);
    return { kind: 'set', at, target, value };
  }
  const filters = parseFilterList(stream);
  if (!stream.is('block-end')) stream.fail("'='");
  stream.next();
  return { kind: 'set-block', at, target, filters, body: bodyUntil(stream, 'set', at) };
}

function parseFilterBlock(stream: TokenStream, at: number): Statement {
  const filters = [parseFilterCall(stream), ...parseFilterList(stream)];
  closeBlock(stream);
  return { kind: 'filter-block', at, filters, body: bodyUntil(stream, 'filter', at) };
}

function parseWith(stream: TokenStream, at: number): Statement {
  const values: StatementOf<'with'>['values'][number][] = [];
  while (!stream.is('block-end')) {
    if (values.length > 0 && !stream.skip(',')) stream.fail("','");
    const target = parseTarget(stream);
    stream.expect('operator', '=');
    values.push({ target, value: parseExpression(stream) });
  }
  closeBlock(stream);
  return { kind: 'with', at, values, body: bodyUntil(stream, 'with', at) };
}

function parseMacro(stream: TokenStream, at: number): Statement {
  const name = stream.expect('name').value;
  const parameters: Parameter[] = [];
  stream.expect('operator', '(');
  while (!stream.skip(')')) {
    if (parameters.length > 0) stream.expect('operator', ',');
    const parameter = stream.expect('name').value;
    parameters.push({ name: parameter, fallback: stream.skip('=') ? parseExpression(stream) : undefined });
  }
  closeBlock(stream);
  return { kind: 'macro', at, name, parameters, body: bodyUntil(stream, 'macro', at) };
}

function parseDo(stream: TokenStream, at: number): Statement {
  const value = parseTuple(stream, parseExpression);
  closeBlock(stream);
  return { kind: 'do', at, value };
}

function parseJump(stream: TokenStream, at: number, kind: 'break' | 'continue'): Statement {
  closeBlock(stream);
  return { kind, at };
}
