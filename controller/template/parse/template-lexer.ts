import { Fault } from '../fault.ts';
import { lexExpression, type Token } from './lexer.ts';
import type { LexOptions } from './syntax.ts';

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Where tags begin, the longest mark first, and the tags of `raw`. */
function patternsOf({ block, variable, comment }: LexOptions) {
  const starts = [block[0], variable[0], comment[0]].sort((a, b) => b.length - a.length).map(escaped);
  const [open, close] = block.map(escaped);
  return {
    opener: new RegExp(starts.join('|'), 'g'),
    rawBegin: new RegExp(`${open}([-+]?)\\s*raw\\s*(-?)${close}`, 'y'),
    rawEnd: new RegExp(`${open}([-+]?)\\s*endraw\\s*([-+]?)${close}`, 'g'),
  };
}

/** Lines that are block tags by their prefix, as such tags. */
function withTags(text: string, { lineStatement, block: [open, close], trimBlocks }: LexOptions): string {
  if (lineStatement === undefined) return text;
  const line = new RegExp(`^[^\\S\\n]*${escaped(lineStatement)}(.*?):?[^\\S\\n]*$\\n?`, 'gm');
  return text.replace(line, (_, words: string) => `${open} ${words} ${close}${trimBlocks ? '\n' : ''}`);
}

/** A whole template, from `start` on, as tokens: data, and the tokens of each tag between its begin and end. */
export function lexTemplate(written: string, options: LexOptions, start: number): Token[] {
  const text = written.slice(0, start) + withTags(written.slice(start), options);
  const { block, variable, comment } = options;
  const { opener, rawBegin, rawEnd } = patternsOf(options);
  const tokens: Token[] = [];
  let at = start;
  /** What the tag before asked of the data after it. */
  let trim: 'all' | 'newline' | 'nothing' = 'nothing';

  const pushData = (from: number, to: number, strip: string, isBlock: boolean) => {
    let data = text.slice(from, to);
    const newLine = from === start || (trim === 'newline' && data.startsWith('\n'));
    if (trim === 'all') data = data.trimStart();
    else if (trim === 'newline') data = data.replace(/^\n/, '');
    const begin = to - data.length;
    if (strip === '-') data = data.trimEnd();
    else if (isBlock && options.lstripBlocks && strip !== '+') {
      data = data.replace(newLine ? /(^|\n)[^\S\n]+$/ : /(\n)[^\S\n]+$/, '$1');
    }
    if (data !== '') tokens.push({ type: 'data', value: data.replaceAll('\n', options.newline), at: begin });
  };
  const after = (mark: string, isBlock: boolean) => {
    trim = mark === '-' ? 'all' : isBlock && options.trimBlocks && mark !== '+' ? 'newline' : 'nothing';
  };

  for (;;) {
    opener.lastIndex = at;
    const found = opener.exec(text);
    if (!found) break;
    const begin = found.index;
    const [kind] = found;
    const inside = begin + kind.length;
    const sign = /[-+]/.test(text[inside] ?? '') ? (text[inside] ?? '') : '';
    pushData(at, begin, sign, kind !== variable[0]);
    if (kind === comment[0]) {
      const end = text.indexOf(comment[1], inside);
      if (end < 0) {
        const message = `this comment is never closed: '${comment[1]}' is missing`;
        throw new Fault(message, { code: 'template-syntax', at: begin });
      }
      const mark = /[-+]/.test(text[end - 1] ?? '') && end - 1 >= inside ? (text[end - 1] ?? '') : '';
      after(mark, true);
      at = end + comment[1].length;
      continue;
    }
    if (kind === block[0]) {
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
    const isPrint = kind === variable[0];
    const { stop, mark } = lexTag(text, begin, inside + sign.length, isPrint, tokens, options);
    at = stop;
    after(mark, !isPrint);
  }
  pushData(at, text.length, '', false);
  tokens.push({ type: 'eof', value: '', at: text.length });
  return tokens;
}

/** Adds the tokens of the tag that begins at `begin`; tells where it stops and the '-' or '+' at its end. */
function lexTag(
  text: string,
  begin: number,
  start: number,
  print: boolean,
  tokens: Token[],
  options: LexOptions,
): { stop: number; mark: string } {
  const [opener, closer] = print ? options.variable : options.block;
  const { tokens: inner, stop } = lexExpression(text, start, closer, options.escapes || !print);
  const mark = /[-+]/.test(text[stop] ?? '') && text.startsWith(closer, stop + 1) ? (text[stop] ?? '') : '';
  if (mark === '' && !text.startsWith(closer, stop)) {
    throw new Fault(`'${opener}' is never closed by '${closer}'`, { code: 'template-syntax', at: begin });
  }
  tokens.push({ type: print ? 'print-begin' : 'block-begin', value: opener, at: begin });
  tokens.push(...inner);
  tokens.push({ type: print ? 'print-end' : 'block-end', value: closer, at: stop });
  return { stop: stop + mark.length + closer.length, mark };
}
