import type { ReachCell } from '../types.ts';

/** A column: a target as written, with its address. */
export interface Column {
  readonly name: string;
  readonly address: string;
}

/** Cells laid out by who asked and who was asked. */
export interface Matrix {
  readonly rows: readonly string[];
  readonly columns: readonly Column[];
  cell(row: string, column: Column): ReachCell | undefined;
}

/** The same for measurements of one pair. */
export const cellKey = ({ from, to, address }: Pick<ReachCell, 'from' | 'to' | 'address'>): string =>
  `${from}\0${to}\0${address}`;

const columnKey = (column: Column): string => `${column.name}\0${column.address}`;

/** Rows in the order in which the cells name them; columns the same, those that are rows too first and in rows' order. */
export function matrixOf(cells: readonly ReachCell[]): Matrix {
  const rows = new Map<string, Map<string, ReachCell>>();
  const columns = new Map<string, Column>();
  for (const cell of cells) {
    const column = { name: cell.to, address: cell.address };
    columns.set(columnKey(column), column);
    const row = rows.get(cell.from) ?? new Map<string, ReachCell>();
    row.set(columnKey(column), cell);
    rows.set(cell.from, row);
  }
  const rank = new Map([...rows.keys()].map((row, index) => [row, index]));
  const order = (column: Column) => rank.get(column.name) ?? rows.size;
  return {
    rows: [...rows.keys()],
    columns: [...columns.values()].sort((a, b) => order(a) - order(b)),
    cell: (row, column) => rows.get(row)?.get(columnKey(column)),
  };
}

/** A run may measure more than once; a pair seen again starts the next matrix. */
export function splitMeasurements(cells: readonly ReachCell[]): readonly (readonly ReachCell[])[] {
  const measurements: ReachCell[][] = [];
  let seen = new Set<string>();
  for (const cell of cells) {
    const key = cellKey(cell);
    if (measurements.length === 0 || seen.has(key)) {
      measurements.push([]);
      seen = new Set();
    }
    seen.add(key);
    measurements.at(-1)?.push(cell);
  }
  return measurements;
}

/** Of pairs that were measured more than once, the last measurement. */
export function latestCells(cells: readonly ReachCell[]): readonly ReachCell[] {
  return [...new Map(cells.map((cell) => [cellKey(cell), cell])).values()];
}
