import { randomUUID } from 'node:crypto';
import { isAtom } from '../template/python/atom.ts';
import { dumpYaml } from '../template/yaml/yaml-dump.ts';
import { clean } from './clean.ts';

/** What stands for a text of several lines until it is laid out; no value of a host can be that text. */
const place = `block-${randomUUID()}-`;
const placed = new RegExp(`^(.*?)${place}(\\d+)$`);

/** Lines that stand there as text already. */
const repeated = { stdout_lines: 'stdout', stderr_lines: 'stderr' } as const;

const layout = { indent: 4, flow: false, sortKeys: true, width: 80, explicitStart: false, explicitEnd: false };

/**
 * A result as YAML below its line, as Ansible's `callback_result_format = yaml` has it: texts of several lines stand in blocks, and
 * `stdout_lines` is left out where there is `stdout`; where `callback_format_pretty` is off all is told, to the last blank.
 */
export function yamlResult(result: Readonly<Record<string, unknown>>, pretty = true): string {
  const omitted = !pretty ? [] : Object.entries(repeated).filter(([lines, text]) => lines in result && text in result);
  const shown = { ...result, ...Object.fromEntries(omitted.map(([lines]) => [lines, '<omitted>'])) };
  const blocks: string[] = [];
  const lines = dumpYaml(plain(shown, blocks, pretty), layout)
    .trimEnd()
    .split('\n');
  return lines.map((line) => `\n    ${withBlock(line, blocks, pretty)}`).join('');
}

/** With texts that are safe for a terminal; those of several lines are put aside, but for what a block could not keep. */
function plain(value: unknown, blocks: string[], pretty: boolean): unknown {
  if (typeof value === 'string') {
    const text = clean(value);
    const isBlock = text.includes('\n') && (pretty || !/\t| $/m.test(text));
    return isBlock ? `${place}${blocks.push(text) - 1}` : text;
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, blocks, pretty));
  if (typeof value !== 'object' || value === null || isAtom(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), plain(item, blocks, pretty)]));
}

/** A row with blanks up to each eighth column in place of tabs. */
function withoutTabs(row: string): string {
  const [first = '', ...others] = row.split('\t');
  return others.reduce((sofar, part) => sofar.padEnd(Math.floor(sofar.length / 8 + 1) * 8) + part, first);
}

/** A line with the text that was put aside for it, below it and deeper than its key. */
function withBlock(line: string, blocks: readonly string[], pretty: boolean): string {
  const [, before = '', index] = placed.exec(line) ?? [];
  const text = index === undefined ? undefined : blocks[Number(index)];
  if (text === undefined) return line;
  const column = /^(?: |- {3})*/.exec(before)?.[0].length ?? 0;
  const shown = pretty ? text.trimEnd() : text.replace(/\n$/, '');
  const rows = shown.split('\n').map((row) => (pretty ? withoutTabs(row).trimEnd() : row));
  const end = pretty || !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : '';
  // Blanks in front of the first row would be read as its depth.
  const depth = /^\s/.test(text) ? '4' : '';
  return `${before}|${depth}${end}${rows.map((row) => (row === '' ? '\n' : `\n${' '.repeat(column + 8)}${row}`)).join('')}`;
}
