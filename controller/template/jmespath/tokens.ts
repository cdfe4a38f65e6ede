import { Fault } from '../fault.ts';

/** What a token is: its own text where that says it, such as `[?`. */
export interface Token {
  readonly type: string;
  /** A name, a number, or the value of a literal. */
  readonly value: unknown;
  /** Offset in the expression. */
  readonly at: number;
}

const signs = ['[?', '[]', '||', '&&', '==', '!=', '<=', '>=', ...'.*[],{}():@&|!<>'];

/** Throws for what no JMESPath has. */
export function problem(text: string, at: number, message: string): Fault {
  return new Fault(`JMESPath "${text}", character ${at + 1}: ${message}`);
}

/** The end of a text between two marks; a backslash keeps the mark behind it. */
function closing(text: string, at: number, mark: string): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === mark) return end;
  }
  throw problem(text, at, `no ${mark} closes this one`);
}

function json(text: string, at: number, written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    throw problem(text, at, `${written} is no JSON`);
  }
}

/** `'raw'`, a literal between backticks, or a name in double quotes. */
function quoted(text: string, at: number): { token: Token; end: number } {
  const mark = text.charAt(at);
  const end = closing(text, at, mark);
  const inside = text.slice(at + 1, end);
  if (mark === "'") return { token: { type: 'literal', value: inside.replaceAll("\\'", "'"), at }, end };
  if (mark === '"') return { token: { type: 'quoted name', value: json(text, at, `"${inside}"`), at }, end };
  const written = inside.replaceAll('\\`', '`').trim();
  // Texts without quotes are what the first version of the language had.
  const value = /^(?:["[{\d-]|true$|false$|null$)/.test(written) ? json(text, at, written) : written;
  return { token: { type: 'literal', value, at }, end };
}

/** The tokens of an expression, with one of type 'end' behind them. Throws Fault. */
export function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const [word = ''] = /^(?:[A-Za-z_]\w*|-?\d+|\s+)/.exec(rest) ?? [];
    if (word !== '') {
      if (/^[A-Za-z_]/.test(word)) found.push({ type: 'name', value: word, at });
      else if (word.trim() !== '') found.push({ type: 'number', value: Number(word), at });
      at += word.length;
      continue;
    }
    if (/^["'`]/.test(rest)) {
      const { token, end } = quoted(text, at);
      found.push(token);
      at = end + 1;
      continue;
    }
    const sign = signs.find((each) => rest.startsWith(each));
    if (sign === undefined) throw problem(text, at, `"${rest.charAt(0)}" means nothing here`);
    found.push({ type: sign, value: sign, at });
    at += sign.length;
  }
  return [...found, { type: 'end', value: undefined, at: text.length }];
}
