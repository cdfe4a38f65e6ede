import { Fault } from '../fault.ts';
import { unescapeString } from './string-literal.ts';

export type TokenType =
  | 'data'
  | 'print-begin'
  | 'print-end'
  | 'block-begin'
  | 'block-end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'eof';

export interface Token {
  readonly type: TokenType;
  /** Text of a name, operator, number or data; value of a string. */
  readonly value: string;
  readonly at: number;
}

const blank = /\s+/y;
const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
const float = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?|[eE][+-]?\d+(?:_\d+)*)/y;
const integer = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|\d+(?:_\d+)*/y;
const string = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const operator = /\/\/|\*\*|==|!=|<=|>=|[-+*/%~<>=.:|,;()[\]{}]/y;

const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Tokens of one expression from `start`; ends before `end` outside of brackets ('' = at the text's end). */
export function lexExpression(
  text: string,
  start: number,
  end: string,
  escapes = true,
): { tokens: Token[]; stop: number } {
  const tokens: Token[] = [];
  const open: { closer: string; at: number }[] = [];
  let at = start;
  while (at < text.length) {
    at += matchAt(blank, text, at)?.length ?? 0;
    if (at >= text.length) break;
    if (end !== '' && open.length === 0 && /[-+]/.test(text[at] ?? '') && text.startsWith(end, at + 1)) break;
    if (end !== '' && open.length === 0 && text.startsWith(end, at)) break;
    const token = lexOne(text, at, tokens.at(-1), escapes);
    if (token.type === 'operator') checkBrackets(token, open);
    tokens.push(token.token);
    at += token.length;
  }
  const unclosed = open.at(-1);
  if (unclosed) {
    const bracket = text[unclosed.at] ?? '';
    throw new Fault(`'${bracket}' is never closed`, { code: 'template-syntax', at: unclosed.at });
  }
  return { tokens, stop: at };
}

function lexOne(
  text: string,
  at: number,
  previous: Token | undefined,
  escapes: boolean,
): { type: TokenType; token: Token; length: number } {
  const make = (type: TokenType, found: string, value = found) => ({
    type,
    token: { type, value, at },
    length: found.length,
  });
  const word = matchAt(name, text, at);
  if (word !== undefined) return make('name', word);
  // After a dot, `list.0.1` is two indices and not the number 0.1.
  const afterDot = previous?.type === 'operator' && previous.value === '.';
  const decimal = afterDot ? undefined : matchAt(float, text, at);
  if (decimal !== undefined) return make('float', decimal, decimal.replaceAll('_', ''));
  const whole = matchAt(integer, text, at);
  if (whole !== undefined) return make('integer', whole, whole.replaceAll('_', ''));
  const quoted = matchAt(string, text, at);
  if (quoted !== undefined)
    return make('string', quoted, escapes ? unescapeString(quoted.slice(1, -1)) : quoted.slice(1, -1));
  const sign = matchAt(operator, text, at);
  if (sign !== undefined) return make('operator', sign);
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const quote = character === "'" || character === '"';
  throw new Fault(quote ? 'this string is never closed' : `unexpected character ${JSON.stringify(character)}`, {
    code: 'template-syntax',
    at,
    hint: character === '&' ? "write 'and'" : character === '!' ? "write 'not'" : undefined,
  });
}

function checkBrackets({ token }: { token: Token }, open: { closer: string; at: number }[]): void {
  const closer = closerOf[token.value];
  if (closer !== undefined) {
    open.push({ closer, at: token.at });
  } else if (')]}'.includes(token.value)) {
    const expected = open.pop();
    if (expected?.closer !== token.value) {
      const wanted = expected ? `, '${expected.closer}' was expected` : '';
      throw new Fault(`unexpected '${token.value}'${wanted}`, { code: 'template-syntax', at: token.at });
    }
  }
}
