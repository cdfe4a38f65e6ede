import { Fault } from '../fault.ts';
import { unescapeString } from './string-literal.ts';

/** How a template is written: what the template module and the `#jinja2:` line can set. */
export interface Syntax {
  /** Drops the newline after a block tag. */
  readonly trimBlocks: boolean;
  /** Drops the blanks before a block tag that is first on its line. */
  readonly lstripBlocks: boolean;
  readonly block: Delimiters;
  readonly variable: Delimiters;
  readonly comment: Delimiters;
  /** What each newline of the template becomes. */
  readonly newline: string;
  /** What begins a line that is a block tag; only the `#jinja2:` line sets it. */
  readonly lineStatement?: string | undefined;
}

type Delimiters = readonly [start: string, end: string];

export interface LexOptions extends Syntax {
  /**
   * Backslashes in the strings of {{ }} are Python's escapes. Off for text of a playbook, where they stand for
   * themselves, as in Ansible, so that patterns need not double them.
   */
  readonly escapes: boolean;
}

/** Jinja2's, but that the newline after a block tag is dropped, as in Ansible. */
export const standardSyntax: Syntax = {
  trimBlocks: true,
  lstripBlocks: false,
  block: ['{%', '%}'],
  variable: ['{{', '}}'],
  comment: ['{#', '#}'],
  newline: '\n',
};

const header = /^#jinja2:([^\n]*)(?:\n|$)/;
const setting = /^\s*(\w+)\s*:\s*(?:(True|False)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*$/;

/** Reads the line `#jinja2: trim_blocks:False, ...` at a template's start into its options; `start` is what follows. */
export function withHeader(text: string, options: LexOptions): { start: number; syntax: LexOptions } {
  const found = header.exec(text);
  if (!found) return { start: 0, syntax: options };
  let syntax = options;
  for (const pair of (found[1] ?? '').split(',')) syntax = set(syntax, pair);
  return { start: found[0].length, syntax };
}

function set(syntax: LexOptions, pair: string): LexOptions {
  const [, name = '', word, single, double] = setting.exec(pair) ?? [];
  const text = single ?? double;
  const value = text === undefined ? undefined : unescapeString(text);
  const changed = word === undefined ? withText(syntax, name, value) : withFlag(syntax, name, word === 'True');
  if (changed) return changed;
  const colon = pair.includes(':');
  throw new Fault(
    `${colon ? '' : "Missing key-value separator ':': "}'${pair.trim()}' is not a setting of a '#jinja2:' line`,
    {
      code: 'template-syntax',
      at: 0,
      hint: "write '#jinja2: trim_blocks:False, lstrip_blocks:True'",
    },
  );
}

function withFlag(syntax: LexOptions, name: string, value: boolean): LexOptions | undefined {
  if (name === 'trim_blocks') return { ...syntax, trimBlocks: value };
  if (name === 'lstrip_blocks') return { ...syntax, lstripBlocks: value };
  return name === 'keep_trailing_newline' ? syntax : undefined;
}

function withText(syntax: LexOptions, name: string, value: string | undefined): LexOptions | undefined {
  if (value === undefined || value === '') return undefined;
  if (name === 'line_statement_prefix') return { ...syntax, lineStatement: value };
  if (name === 'newline_sequence') return { ...syntax, newline: value };
  const [, kind, end] = /^(block|variable|comment)_(start|end)_string$/.exec(name) ?? [];
  if (kind !== 'block' && kind !== 'variable' && kind !== 'comment') return undefined;
  const [start, stop] = syntax[kind];
  return { ...syntax, [kind]: end === 'start' ? [value, stop] : [start, value] };
}
