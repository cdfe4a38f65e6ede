import { isUnexpected } from '../../report/run/collect.ts';
import { latestCells } from '../../report/run/matrix.ts';
import type { ReachCell } from '../../report/types.ts';
import type { CellName, RunWhy, SharedVerdict, Verdict } from '../../report/why/why-types.ts';
import { faultOf } from './judge.ts';

/** A cell that was probed again. */
export interface Probed {
  readonly cell: ReachCell;
  /** In the order in which they bite; empty: it answered. */
  readonly verdicts: readonly Verdict[];
}

/** A cell that could not be. */
export interface NotProbed {
  readonly cell: ReachCell;
  readonly reason: string;
}

/** Most cells that are probed again: a mesh can have thousands, and few faults. */
export const mostProbed = 6;

/** Cells that are not as expected, by their last measurement: with a fault to look for, and reached but not wanted so. */
export function redCells(cells: readonly ReachCell[]): {
  readonly red: readonly ReachCell[];
  readonly unwanted: readonly ReachCell[];
} {
  const unexpected = latestCells(cells).filter(isUnexpected);
  return {
    red: unexpected.filter(({ observed }) => observed !== 'reached'),
    unwanted: unexpected.filter(({ observed }) => observed === 'reached'),
  };
}

/** Faults that all probed cells of a row or column share. */
function sharedFaults(probed: readonly Probed[]): readonly string[] {
  const [first, ...others] = probed.map(({ verdicts }) => verdicts.map(faultOf));
  return (first ?? []).filter((fault) => others.every((faults) => faults.includes(fault)));
}

/** The faults of a cell's row and of its column. */
function faultsBeside({ from, to, address }: ReachCell, probed: readonly Probed[]): ReadonlySet<string> {
  const failed = probed.filter(({ verdicts }) => verdicts.length > 0);
  const row = failed.filter(({ cell }) => cell.from === from);
  const column = failed.filter(({ cell }) => cell.to === to && cell.address === address);
  return new Set([...sharedFaults(row), ...sharedFaults(column)]);
}

/**
 * The cell to probe next: one whose row and column do not explain it, else one that they explain differently. Few cells are
 * probed all; undefined: it is enough.
 */
export function nextCell(
  red: readonly ReachCell[],
  probed: readonly Probed[],
  failed: readonly NotProbed[],
): ReachCell | undefined {
  const tried = new Set([...probed, ...failed].map(({ cell }) => cell));
  if (tried.size >= mostProbed) return undefined;
  const rest = red
    .filter((cell) => !tried.has(cell))
    .map((cell) => ({ cell, faults: faultsBeside(cell, probed).size }));
  const next = rest.find(({ faults }) => faults === 0) ?? rest.find(({ faults }) => faults > 1);
  return (next ?? (red.length <= mostProbed ? rest[0] : undefined))?.cell;
}

const nameOf = ({ from, to, address }: ReachCell): CellName => ({ from, to, address });

/** What the probed cells say of all that are not as expected. `rest`: why the others were not probed. */
export function shareVerdicts(
  { red, unwanted }: ReturnType<typeof redCells>,
  probed: readonly Probed[],
  failed: readonly NotProbed[],
  rest: string,
): RunWhy {
  const verdicts = new Map<string, SharedVerdict>();
  const add = (verdict: Verdict, where: 'cells' | 'later' | 'alike', cell: ReachCell): void => {
    const known = verdicts.get(faultOf(verdict)) ?? { ...verdict, cells: [], later: [], alike: [] };
    verdicts.set(faultOf(verdict), { ...known, [where]: [...known[where], nameOf(cell)] });
  };
  for (const { cell, verdicts: found } of probed) {
    for (const [index, verdict] of found.entries()) add(verdict, index === 0 ? 'cells' : 'later', cell);
  }
  const tried = new Set([...probed, ...failed].map(({ cell }) => cell));
  const open = [...failed];
  for (const cell of red) {
    if (tried.has(cell)) continue;
    const [fault = '', ...others] = faultsBeside(cell, probed);
    const verdict = others.length === 0 ? verdicts.get(fault) : undefined;
    if (verdict === undefined) open.push({ cell, reason: rest });
    else add(verdict, 'alike', cell);
  }
  const reasons = [...new Set(open.map(({ reason }) => reason))];
  return {
    verdicts: [...verdicts.values()],
    unwanted: unwanted.map(nameOf),
    answered: probed.flatMap(({ cell, verdicts: found }) => (found.length === 0 ? [nameOf(cell)] : [])),
    open: reasons.map((reason) => ({
      reason,
      cells: open.filter((other) => other.reason === reason).map(({ cell }) => nameOf(cell)),
    })),
  };
}
