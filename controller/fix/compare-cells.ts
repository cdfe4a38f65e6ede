import { cellKey } from '../report/run/matrix.ts';
import type { ReachCell } from '../report/types.ts';

/** As it should be; where nothing is expected, an answer is better than none. */
function isWell({ expected, observed }: ReachCell): boolean {
  return observed === (expected ?? 'reached');
}

/** Cells that were well before and are not after. */
export function worseCells(before: readonly ReachCell[], after: readonly ReachCell[]): readonly ReachCell[] {
  const well = new Set(before.filter(isWell).map(cellKey));
  return after.filter((cell) => well.has(cellKey(cell)) && !isWell(cell));
}
