import { Fault } from './fault.ts';
import { type LexOptions, lexExpression, type Token } from './lexer.ts';

const opener = /\{[{%#]/g;
const rawBegin = /\{%([-+]?)\s*raw\s*(-?)%\}/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

/** A whole template as tokens: data, and the tokens of each tag between its begin and end. */
export function lexTemplate(text: string, options: LexOptions): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  /** What the tag before asked of the data after it. */
  let trim: 'all' | 'newline' | 'nothing' = 'nothing';

  const pushData = (from: number, to: number, strip: string, isBlock: boolean) => {
    let data = text.slice(from, to);
    let start = from;
    if (trim === 'all') data = data.trimStart();
    else if (trim === 'newline') data = data.replace(/^\r?\n/, '');
    start = to - data.length;
    if (strip === '-') data = data.trimEnd();
    else if (isBlock && options.lstripBlocks && strip !== '+') {
      data = data.replace(from === 0 ? /(^|\n)[^\S\n]+$/ : /(\n)[^\S\n]+$/, '$1');
    }
    if (data !== '') tokens.push({ type: 'data', value: data, at: start });
  };
  const after = (mark: string, isBlock: boolean) => {
    trim = mark === '-' ? 'all' : isBlock && options.trimBlocks && mark !== '+' ? 'newline' : 'nothing';
  };

  for (;;) {
    opener.lastIndex = at;
    const found = opener.exec(text);
    if (!found) break;
    const begin = found.index;
    const kind = found[0];
    const sign = /[-+]/.test(text[begin + 2] ?? '') ? (text[begin + 2] ?? '') : '';
    pushData(at, begin, sign, kind !== '{{');
    if (kind === '{#') {
      const end = text.indexOf('#}', begin + 2);
      if (end < 0)
        throw new Fault("this comment is never closed: '#}' is missing", { code: 'template-syntax', at: begin });
      const mark = /[-+]/.test(text[end - 1] ?? '') && end - 1 > begin + 1 ? (text[end - 1] ?? '') : '';
      after(mark, true);
      at = end + 2;
      continue;
    }
    if (kind === '{%') {
      rawBegin.lastIndex = begin;
      const raw = rawBegin.exec(text);
      if (raw) {
        const bodyStart = begin + raw[0].length;
        rawEnd.lastIndex = bodyStart;
        const end = rawEnd.exec(text);
        if (!end)
          throw new Fault("'{% raw %}' is never closed by '{% endraw %}'", { code: 'template-syntax', at: begin });
        after(raw[2] ?? '', false);
        pushData(bodyStart, end.index, end[1] ?? '', true);
        after(end[2] ?? '', true);
        at = end.index + end[0].length;
        continue;
      }
    }
    at = lexTag(text, begin, kind === '{{', sign, tokens, options);
    const mark = text[at - 3] ?? '';
    after(/[-+]/.test(mark) && tokens.at(-1)?.at === at - 3 ? mark : '', kind === '{%');
  }
  pushData(at, text.length, '', false);
  tokens.push({ type: 'eof', value: '', at: text.length });
  return tokens;
}

function lexTag(
  text: string,
  begin: number,
  print: boolean,
  sign: string,
  tokens: Token[],
  options: LexOptions,
): number {
  const closer = print ? '}}' : '%}';
  const start = begin + 2 + sign.length;
  const { tokens: inner, stop } = lexExpression(text, start, closer, options.escapes || !print);
  const marked = /[-+]/.test(text[stop] ?? '') && text.startsWith(closer, stop + 1);
  if (!marked && !text.startsWith(closer, stop)) {
    throw new Fault(`'${print ? '{{' : '{%'}' is never closed by '${closer}'`, { code: 'template-syntax', at: begin });
  }
  tokens.push({ type: print ? 'print-begin' : 'block-begin', value: print ? '{{' : '{%', at: begin });
  tokens.push(...inner);
  tokens.push({ type: print ? 'print-end' : 'block-end', value: closer, at: stop });
  return stop + (marked ? 3 : 2);
}
