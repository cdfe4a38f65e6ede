import { cleanLine } from '../clean.ts';
import type { Style } from '../style.ts';
import type { ReachCell } from '../types.ts';
import { pad, width } from '../width.ts';
import { isUnexpected } from './collect.ts';
import type { Column, Matrix } from './matrix.ts';

const letters = { reached: '.', unreachable: 'x', error: 'E' } as const;

function letter(cell: ReachCell | undefined, style: Style): string {
  if (!cell) return ' ';
  if (isUnexpected(cell)) return style.bad('!');
  return (cell.observed === 'reached' ? style.good : style.quiet)(letters[cell.observed]);
}

/** Numbers from 1 written downwards, one digit a line. */
function numberLines(from: number, to: number, digits: number): string[] {
  const lines = Array.from({ length: digits }, () => '');
  for (let n = from; n <= to; n++) {
    const text = String(n).padStart(digits);
    for (let digit = 0; digit < digits; digit++) lines[digit] += text[digit] ?? ' ';
  }
  return lines;
}

function keyLines(columns: readonly Column[], available: number): string[] {
  const texts = columns.map((column, index) => {
    const address = column.address === column.name ? '' : ` ${column.address}`;
    return `${index + 1} ${cleanLine(column.name)}${cleanLine(address)}`;
  });
  const widest = Math.max(...texts.map(width)) + 3;
  const perLine = Math.max(1, Math.floor(available / widest));
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += perLine) {
    lines.push(
      texts
        .slice(i, i + perLine)
        .map((text) => pad(text, widest))
        .join('')
        .trimEnd(),
    );
  }
  return lines;
}

/** One letter a cell, for matrices too wide for words: columns are numbered, and the numbers are explained below. */
export function compactTable(matrix: Matrix, available: number, style: Style): string[] {
  const nameWidth = Math.max(...matrix.rows.map((row) => width(cleanLine(row)))) + 2;
  const digits = String(matrix.columns.length).length;
  const perPart = Math.max(10, available - nameWidth);
  const lines: string[] = [];
  for (let start = 0; start < matrix.columns.length; start += perPart) {
    const part = matrix.columns.slice(start, start + perPart);
    if (start > 0) lines.push('');
    lines.push(...numberLines(start + 1, start + part.length, digits).map((text) => ' '.repeat(nameWidth) + text));
    for (const row of matrix.rows) {
      const cells = part.map((column) => letter(matrix.cell(row, column), style)).join('');
      lines.push(`${pad(cleanLine(row), nameWidth)}${cells}`.trimEnd());
    }
  }
  return [
    ...lines,
    style.quiet('. = reached, x = unreachable, E = the probe could not be sent, ! = not as expected; columns:'),
    ...keyLines(matrix.columns, available),
  ];
}
