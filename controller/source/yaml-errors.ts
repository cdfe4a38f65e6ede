import { type Document, visit, type YAMLParseError } from 'yaml';
import { OrchError } from '../../proto/errors.ts';
import type { SourceText } from './place.ts';
import { unquotedTemplate } from './yaml-data.ts';

/** Plain words for what the parser says, with the way out; absent: its own words. */
const explanations: Readonly<
  Partial<Record<YAMLParseError['code'], readonly [summary: string | undefined, hint?: string]>>
> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'YAML indents with blanks only'],
  BLOCK_AS_IMPLICIT_KEY: [
    'this line holds a second "key: value" inside of a value',
    'put quotes around a value that contains ": "',
  ],
  BAD_SCALAR_START: [undefined, 'put quotes around the value'],
  MULTILINE_IMPLICIT_KEY: ['a key must end with ":" on its own line', 'is a ":" missing, or a line indented wrongly?'],
  BAD_INDENT: [undefined, 'compare how the lines around it are indented'],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply'],
  BAD_DQ_ESCAPE: [undefined, 'use single quotes, or write \\\\ for a backslash'],
};

const afterEnd = [
  'the value before this has ended already',
  'put quotes around a value that contains [ ] { } or a comma',
] as const;

const deeperLine = [
  'the next line is indented as if it belonged to this value',
  'let its key begin in the column of the key before it',
] as const;

function explain(error: YAMLParseError, line: string): readonly [summary?: string | undefined, hint?: string] {
  if (error.message.includes('at node end')) return afterEnd;
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY' && /^\s*-[^\s-]/.test(line)) return ['a blank is missing behind the "-"'];
  // The second key stands on another line.
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY' && (line.match(/:(?=\s|$)/g) ?? []).length < 2) return deeperLine;
  return explanations[error.code] ?? [];
}

/** Start of a value that is an unquoted template, as first thing of a line, or after a key or a dash. */
const templateStart = /^(?:[^"'#]*?(?::|-|,|\[)[ \t]+|[ \t]*)(\{[{%])/;

function unquotedIn(line: string): number | undefined {
  const match = templateStart.exec(line);
  return match ? match[0].length - 2 : undefined;
}

/** Start of the quoted text that ends at an offset: a quote that is never closed is found at the end of the file. */
function openingQuote(document: Document, end: number): number | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar(_, node) {
      if (node.type?.startsWith('QUOTE') && node.range?.[1] === end) start = node.range[0];
    },
  });
  return start;
}

/**
 * The parser's errors of one document, one for each line: what follows on the same line is mostly a consequence.
 */
export function yamlErrors(document: Document, source: SourceText): OrchError[] {
  const byLine = new Map<number, OrchError>();
  for (const error of document.errors as YAMLParseError[]) {
    const offset = error.pos[0];
    const quote = error.message.startsWith('Missing closing') ? openingQuote(document, offset) : undefined;
    if (quote !== undefined) {
      const where = source.place(quote);
      byLine.set(where.line, new OrchError({ code: 'yaml-syntax', summary: 'this quote is never closed', where }));
      continue;
    }
    // A wrong indentation is found at the end of the line before it.
    const blanks =
      error.code === 'BAD_INDENT' ? (/^\s*/.exec(source.text.slice(offset, offset + 1000))?.[0].length ?? 0) : 0;
    const where = source.place(offset + blanks);
    // The parser gave up on what stands around this at an earlier error.
    const consequence = error.message.includes('in YAML stream') && byLine.size > 0;
    if (consequence || byLine.has(where.line)) continue;
    const unquoted = unquotedIn(where.excerpt ?? '');
    if (unquoted !== undefined) {
      byLine.set(where.line, unquotedTemplate(source, offset + blanks - (where.column - 1) + unquoted));
      continue;
    }
    const [summary, hint] = explain(error, where.excerpt ?? '');
    const own = error.message.charAt(0).toLowerCase() + error.message.slice(1);
    byLine.set(where.line, new OrchError({ code: 'yaml-syntax', summary: summary ?? own, hint, where }));
  }
  return [...byLine.values()];
}
