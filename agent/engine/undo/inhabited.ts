import { setTimeout } from 'node:timers/promises';
import { type DestroyResponse, DestroyResponse_Outcome as Outcome } from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';

/**
 * To be called before the entries are undone; what it returns names the programs in namespaces that are no more by then. Those that
 * only looked there, as for `orch why`, get the time to end.
 */
export function noteInhabited(
  entries: readonly LedgerEntry[],
  host: ActingHost,
): () => Promise<readonly DestroyResponse[]> {
  const actions = entries.flatMap(({ undo }) => undo);
  const inside = host.noteInside(actions.flatMap((action) => (action.op === 'netns-delete' ? [action.name] : [])));
  return async () => {
    const there = await host.netnsNames();
    const left = () => inside().filter(({ netns }) => !there.includes(netns));
    // Where nothing is the agent's own, what such a program had started may still be ending.
    for (let looks = 0; looks < 20 && left().some(({ own }) => own || looks === 0); looks++) await setTimeout(50);
    return left().map(({ netns, pid, program }) => {
      const reason = `${program} (${pid}) still runs in it, and keeps it alive without a name: end it`;
      return { object: `netns ${netns}`, what: '', outcome: Outcome.LEFT, reason };
    });
  };
}
