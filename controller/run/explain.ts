import { openObservers } from '../connect/observers.ts';
import type { Connect, Target } from '../connect/types.ts';
import { explainCells } from '../reach/why/explain-cells.ts';
import { gather } from '../reach/why/gather.ts';
import { judge } from '../reach/why/judge.ts';
import { redCells } from '../reach/why/red-cells.ts';
import type { ReachCell } from '../report/types.ts';
import type { RunWhy } from '../report/why-types.ts';

/** For all cells together, connecting included. */
const deadlineMs = 15_000;

/**
 * Why cells of a run are not as expected, seen from the hosts of the run that are still there; undefined when all are.
 * Ends in time, whatever the hosts do.
 */
export async function explainRun(
  cells: readonly ReachCell[],
  targets: readonly Target[],
  connect: Connect,
  signal: AbortSignal,
): Promise<RunWhy | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const needed = redCells(cells).red.length > 0;
  // A host that can't be reached any more is missed where the way leads there.
  const observers = await openObservers(needed ? targets : [], connect, deadline, () => undefined);
  try {
    return await explainCells(cells, async (asked) => judge(await gather(asked, observers.all)), deadline);
  } finally {
    await observers.close();
  }
}
