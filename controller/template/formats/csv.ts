import { Fault } from '../fault.ts';

/** How rows are read: whether blanks behind a delimiter are none of a cell, and whether quotes must be where they belong. */
export interface CsvReading {
  readonly skipsBlanks?: boolean;
  readonly strict?: boolean;
}

/**
 * Rows of CSV as Python's reader has them: a cell that begins with a quote may hold the delimiter, line ends and doubled
 * quotes. Empty lines are no rows.
 */
export function csvRows(text: string, delimiter: string, { skipsBlanks, strict }: CsvReading = {}): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  const endCell = () => {
    row.push(cell);
    cell = '';
    state = 'start';
  };
  const endRow = () => {
    if (row.length === 0 && state === 'start') return;
    endCell();
    rows.push(row);
    row = [];
  };
  for (const character of text) {
    const isQuote = character === '"';
    if (state === 'quoted' && isQuote) state = 'closed';
    else if (state === 'quoted') cell += character;
    else if (isQuote && state === 'start') state = 'quoted';
    else if (isQuote && state === 'closed') {
      cell += character;
      state = 'quoted';
    } else if (character === delimiter) endCell();
    else if (character === '\n' || character === '\r') endRow();
    else if (state !== 'start' || !skipsBlanks || character !== ' ') {
      if (strict && state === 'closed') throw new Fault(`Unable to process file: '${delimiter}' expected after '"'`);
      cell += character;
      state = 'plain';
    }
  }
  endRow();
  return rows;
}
