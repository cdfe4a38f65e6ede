import { OrchError } from '../../../proto/errors.ts';
import type { ReachCell } from '../../report/types.ts';
import type { RunWhy, Verdict } from '../../report/why/why-types.ts';
import { originOf } from '../endpoints.ts';
import type { Asked } from './expect-way.ts';
import { mostProbed, type NotProbed, nextCell, type Probed, redCells, shareVerdicts } from './red-cells.ts';

/** How long the answer to one probe is waited for. */
const timeoutMs = 1000;

const tooLate = 'the time for it was over';

/** What to ask to have a cell's probe again. */
function askedOf({ from, address, source, bound, size = 56 }: ReachCell): Asked {
  const { host, netns = '' } = originOf(from);
  return {
    from: { host, netns },
    to: { address },
    v6: address.includes(':'),
    protocol: 'icmp',
    port: 0,
    size,
    source: bound ? source : undefined,
    timeoutMs,
  };
}

/**
 * Why cells are not as expected: a few of them are probed again, one after the other, until each fault has been met or it is
 * `late`. Undefined when all cells are as expected. `probe`: what is wrong on its way, nothing when it is answered; an OrchError
 * that it throws is told with its cell, but for 'interrupted', which ends it all.
 */
export async function explainCells(
  cells: readonly ReachCell[],
  probe: (asked: Asked) => Promise<readonly Verdict[]>,
  late: AbortSignal,
): Promise<RunWhy | undefined> {
  const found = redCells(cells);
  if (found.red.length + found.unwanted.length === 0) return undefined;
  const probed: Probed[] = [];
  const failed: NotProbed[] = [];
  let rest = `no more than ${mostProbed} are`;
  for (;;) {
    const cell = nextCell(found.red, probed, failed);
    if (cell === undefined) break;
    if (late.aborted) {
      rest = tooLate;
      break;
    }
    try {
      probed.push({ cell, verdicts: await probe(askedOf(cell)) });
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      if (error.code === 'interrupted') {
        rest = tooLate;
        break;
      }
      failed.push({ cell, reason: error.summary });
    }
  }
  return shareVerdicts(found, probed, failed, rest);
}
