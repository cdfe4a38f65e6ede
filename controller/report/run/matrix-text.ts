import { cleanLine } from '../clean.ts';
import { banner, count } from '../format.ts';
import type { Style } from '../style.ts';
import type { ReachCell } from '../types.ts';
import { pad, width } from '../width.ts';
import { isUnexpected } from './collect.ts';
import { type Column, type Matrix, matrixOf, splitMeasurements } from './matrix.ts';
import { compactTable } from './matrix-compact.ts';

const gap = 2;
// Wider matrices get one letter a cell: beyond this a table of words is no longer looked over at once.
const mostWideColumns = 16;
const mostWords = 24;

/** Milliseconds in at most five columns. */
function rtt(ms: number): string {
  if (ms < 0.1) return ms.toFixed(2);
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

function cellText(cell: ReachCell | undefined): string {
  if (!cell) return '-';
  const seen = { reached: cell.rttMs ? `ok ${rtt(cell.rttMs.avg)}` : 'ok', unreachable: 'no', error: 'err' };
  return isUnexpected(cell) ? `${seen[cell.observed]} !` : seen[cell.observed];
}

function paintCell(cell: ReachCell | undefined, style: Style): (text: string) => string {
  if (!cell) return (text) => text;
  if (isUnexpected(cell)) return style.bad;
  if (cell.observed === 'reached') return style.good;
  return cell.expected === null ? style.changed : style.quiet;
}

const shown = (column: Column): Column => ({ name: cleanLine(column.name), address: cleanLine(column.address) });

function wideTable(matrix: Matrix, columns: readonly Column[], style: Style): string[] {
  const nameWidth = Math.max(width('from \\ to'), ...matrix.rows.map((row) => width(cleanLine(row))));
  const widths = columns.map((column) => {
    const cells = matrix.rows.map((row) => width(cellText(matrix.cell(row, column))));
    return Math.max(width(shown(column).name), width(shown(column).address), ...cells) + gap;
  });
  const line = (first: string, texts: readonly string[]) => `${pad(first, nameWidth + gap)}${texts.join('')}`.trimEnd();
  const padded = (text: string, index: number) => pad(text, widths[index] ?? 0);
  const addresses = columns.map((column) => (column.address === column.name ? '' : shown(column).address));
  return [
    line(
      'from \\ to',
      columns.map((column, index) => padded(shown(column).name, index)),
    ),
    ...(addresses.some((address) => address !== '') ? [line('', addresses.map(padded))] : []),
    ...matrix.rows.map((row) =>
      line(
        cleanLine(row),
        columns.map((column, index) => {
          const cell = matrix.cell(row, column);
          return paintCell(cell, style)(padded(cellText(cell), index));
        }),
      ),
    ),
  ];
}

/** As many columns in each part as the terminal is wide; at least one. */
function foldColumns(matrix: Matrix, available: number): readonly (readonly Column[])[] {
  const nameWidth = Math.max(width('from \\ to'), ...matrix.rows.map((row) => width(row))) + gap;
  const parts: Column[][] = [[]];
  let used = nameWidth;
  for (const column of matrix.columns) {
    const cells = matrix.rows.map((row) => width(cellText(matrix.cell(row, column))));
    const needs = Math.max(width(column.name), width(column.address), ...cells) + gap;
    if (used + needs > available && parts.at(-1)?.length) {
      parts.push([]);
      used = nameWidth;
    }
    parts.at(-1)?.push(column);
    used += needs;
  }
  return parts;
}

function legend(cells: readonly ReachCell[], style: Style): string {
  const seen = new Set(cells.map((cell) => cell.observed));
  const parts = [
    ...(seen.has('reached') ? ['ok = reached (round trip in ms)'] : []),
    ...(seen.has('unreachable') ? ['no = unreachable'] : []),
    ...(seen.has('error') ? ['err = the probe could not be sent'] : []),
    ...(cells.some(isUnexpected) ? ['! = not as expected'] : []),
  ];
  return style.quiet(parts.join(', '));
}

/** One cell in words: what was expected, what was seen, from which address, and what fping or the kernel said. */
function cellWords(cell: ReachCell): string {
  const to = cell.to === cell.address ? cell.to : `${cell.to} (${cell.address})`;
  const wanted = cell.expected === null ? '' : `expected ${cell.expected}, `;
  const source = cell.source === undefined ? '' : `, from ${cell.source}`;
  const message = cell.message === undefined ? '' : `: ${cell.message}`;
  return cleanLine(`${cell.from} -> ${to}: ${wanted}observed ${cell.observed}${source}${message}`);
}

function words(cells: readonly ReachCell[], style: Style): string[] {
  const unexpected = cells.filter(isUnexpected);
  const errors = cells.filter((cell) => cell.observed === 'error' && cell.expected === null);
  const list = [
    ...unexpected.map((cell) => style.bad(`! ${cellWords(cell)}`)),
    ...errors.map((cell) => `  ${cellWords(cell)}`),
  ];
  if (list.length <= mostWords) return list;
  return [...list.slice(0, mostWords), `  ... and ${count(list.length - mostWords, 'cell')} more, all in report.json`];
}

function measurementText(cells: readonly ReachCell[], columns: number, style: Style): string {
  const matrix = matrixOf(cells);
  const expected = cells.filter((cell) => cell.expected !== null);
  const met = expected.length - expected.filter(isUnexpected).length;
  const result = expected.length === 0 ? '' : `, ${met} of ${expected.length} as expected`;
  const compact = matrix.columns.length > mostWideColumns;
  const tables = compact
    ? compactTable(matrix, columns, style)
    : foldColumns(matrix, columns).flatMap((part, index) => [
        ...(index > 0 ? [''] : []),
        ...wideTable(matrix, part, style),
      ]);
  return [
    style.strong(banner(`REACH [${count(cells.length, 'probe')}${result}]`)),
    ...tables,
    ...(compact ? [] : [legend(cells, style)]),
    ...words(cells, style),
    '',
  ].join('\n');
}

/**
 * Who reaches whom, rows from, columns to, in at most `columns` terminal columns where names allow;
 * reads the same without colours. Cells that are not as expected, and errors, follow in words. Empty for no cells.
 */
export function matrixText(cells: readonly ReachCell[], columns: number, style: Style): string {
  return splitMeasurements(cells)
    .map((measurement) => measurementText(measurement, columns, style))
    .join('\n');
}
