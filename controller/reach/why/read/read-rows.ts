import { type Row, rows } from '../../../../agent/modules/shared/rows.ts';

/** Rows of an answer in JSON; none where it is something else. */
export function parseRows(json: string): readonly Row[] {
  if (json === '') return [];
  try {
    return rows({ rows: JSON.parse(json) as unknown }, 'rows');
  } catch {
    return [];
  }
}
