import { signalUntil } from '../../proto/signal-until.ts';
import { openObservers } from '../connect/calls/observers.ts';
import type { Connect, Target } from '../connect/types.ts';
import type { Asked } from '../reach/why/expect-way.ts';
import { explainCells } from '../reach/why/explain-cells.ts';
import { gather } from '../reach/why/gather.ts';
import { judge } from '../reach/why/judge.ts';
import { redCells } from '../reach/why/red-cells.ts';
import type { ReachCell } from '../report/types.ts';
import type { RunWhy } from '../report/why/why-types.ts';

/** From then on no further cell is probed, and the last one is waited for no longer; connecting included. */
const lateMs = 10_000;
const deadlineMs = 30_000;

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
  const late = AbortSignal.timeout(lateMs);
  const deadline = signalUntil(signal, deadlineMs);
  const needed = redCells(cells).red.length > 0;
  // A host that can't be reached any more is missed where the way leads there.
  const observers = await openObservers(needed ? targets : [], connect, deadline, () => undefined);
  try {
    const probe = async (asked: Asked) => judge(await gather(asked, observers.all));
    return await explainCells(cells, probe, late);
  } finally {
    await observers.close();
  }
}
