import { Fault } from '../fault.ts';
import { didYouMean } from '../suggest.ts';
import { parseExpression, parseFilterCall, parseOr } from './expression-parser.ts';
import { parseParameters, specialNamesIn } from './parameter-parser.ts';
import { parseExtends, parseFromImport, parseImport, parseInclude } from './reference-parser.ts';
import { closeBlock, endOfTag, parseTuple } from './tag.ts';
import { parseTarget } from './target-parser.ts';
import type { TokenStream } from './token-stream.ts';
import type { Expression, MacroBody, NamedCall, Parameter, Statement, StatementOf } from './tree.ts';

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

type Keyword = (stream: TokenStream, at: number) => Statement;

const keywords = new Map<string, Keyword>([
  ['if', parseIf],
  ['for', parseFor],
  ['set', parseSet],
  ['with', parseWith],
  ['filter', parseFilterBlock],
  ['macro', parseMacro],
  ['call', parseCallBlock],
  ['include', parseInclude],
  ['import', parseImport],
  ['from', parseFromImport],
  ['extends', parseExtends],
  ['block', parseBlock],
  ['autoescape', parseAutoescape],
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
  if ((name === 'macro' || name === 'block') && stream.is('name')) stream.next();
  closeBlock(stream);
  return body;
}

function parseIf(stream: TokenStream, at: number): Statement {
  const branches: { test: Expression; body: Statement[] }[] = [];
  const opener = { name: 'if', at };
  const { missing } = stream;
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
  stream.passOver(missing);
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

function macroBody(stream: TokenStream, parameters: readonly Parameter[], name: string, at: number): MacroBody {
  const body = bodyUntil(stream, name, at);
  return { parameters, body, uses: specialNamesIn(body) };
}

function parseMacro(stream: TokenStream, at: number): Statement {
  const name = stream.expect('name').value;
  const parameters = parseParameters(stream);
  closeBlock(stream);
  return { kind: 'macro', at, name, ...macroBody(stream, parameters, 'macro', at) };
}

function parseCallBlock(stream: TokenStream, at: number): Statement {
  const parameters = stream.isOperator('(') ? parseParameters(stream) : [];
  const call = parseExpression(stream);
  if (call.kind !== 'call') throw new Fault("'{% call %}' needs a call of a macro", { code: 'template-syntax', at });
  closeBlock(stream);
  return { kind: 'call-block', at, call, ...macroBody(stream, parameters, 'call', at) };
}

function parseBlock(stream: TokenStream, at: number): Statement {
  const name = stream.expect('name').value;
  const scoped = stream.skipName('scoped');
  const required = stream.skipName('required');
  closeBlock(stream);
  stream.defineBlock(name, at);
  const body = bodyUntil(stream, 'block', at);
  if (required && !body.every((part) => part.kind === 'text' && part.text.trim() === '')) {
    throw new Fault('a required block can hold nothing but comments and blanks', { code: 'template-syntax', at });
  }
  return { kind: 'block', at, name, scoped, required, body };
}

/** Nothing is ever escaped, so that only its scope is left of it. */
function parseAutoescape(stream: TokenStream, at: number): Statement {
  parseExpression(stream);
  closeBlock(stream);
  return { kind: 'scope', at, body: bodyUntil(stream, 'autoescape', at) };
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
