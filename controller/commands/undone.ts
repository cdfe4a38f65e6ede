import { type DestroyResponse, DestroyResponse_Outcome as Outcome } from '../../proto/gen/orch/v1/agent.ts';
import type { HostDestroyed, Undone } from '../report/destroy-text.ts';
import type { ExitCode } from '../report/types.ts';
import type { Interrupt } from '../run/hosts/interrupt.ts';

const outcomes: Readonly<Record<number, Undone['outcome']>> = { [Outcome.UNDONE]: 'undone', [Outcome.LEFT]: 'left' };

/** What became of an object, as reports have it. */
export function undoneOf({ object, what, outcome, reason }: DestroyResponse): Undone {
  return { object, what, outcome: outcomes[outcome] ?? 'failed', reason };
}

/** How an undo ends: what was left alone is no failure, unless the lab itself is why the host is not as it was found. */
export function undoExit(hosts: readonly HostDestroyed[], interrupt: Interrupt): ExitCode {
  if (interrupt.stopping) return 130;
  const wrong = hosts.some(
    ({ failure, objects, proof }) =>
      failure ||
      objects.some(({ outcome }) => outcome === 'failed') ||
      proof?.differences.some(({ cause }) => cause === 'lab'),
  );
  return wrong ? 2 : 0;
}
