import {
  type DestroyResponse,
  DestroyResponse_Outcome as Outcome,
  type RollbackResponse,
} from '../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { BroughtBack } from './brought-back.ts';
import { describeActions } from './describe.ts';
import { applyAll } from './destroy.ts';
import { asOrchError } from './diagnostic.ts';
import { goneReason, objection, observedGuard } from './guard.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { isWish, type LedgerEntry } from './ledger-entry.ts';

/** What became of newer changes to the same object. */
type Newer = ReadonlyMap<string, Outcome>;

/**
 * Takes runs of a lab back, newest first, and within a run its last change first; the ledger then says what the lab owned
 * before. What someone else changed since is left. What fails stays in the journal, and runs before it are not touched.
 */
export async function* rollBack(
  newestFirst: readonly Journal[],
  ledger: Ledger,
  host: ActingHost,
  check: boolean,
): AsyncGenerator<RollbackResponse> {
  const newer = new Map<string, Outcome>();
  const back = new BroughtBack();
  for (const journal of newestFirst) {
    let failed = false;
    for (const entry of journal.entries.toReversed()) {
      const change = await takeBack(entry, newer, back, host, check);
      newer.set(entry.object, change.outcome);
      failed ||= change.outcome === Outcome.FAILED;
      if (!check && change.outcome !== Outcome.FAILED) journal.forget([entry]);
      yield { run: journal.run, change };
    }
    if (failed) return;
    if (!check) {
      const before = await Promise.all(journal.before.map((entry) => asItIsNow(entry, back, host)));
      ledger.restore(withInherited(before, ledger.entries));
      journal.remove();
    }
  }
}

/** What the lab has taken over from one that was destroyed since stays its own. */
function withInherited(before: readonly LedgerEntry[], now: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const inherited = now.filter(({ heirOf, object }) => heirOf !== undefined && !isKnown(before, object));
  const taken = (entry: LedgerEntry) => isWish(entry) && inherited.some(({ object }) => object === entry.object);
  return [...inherited, ...before.filter((entry) => !taken(entry))];
}

function isKnown(before: readonly LedgerEntry[], object: string): boolean {
  return before.some((entry) => entry.object === object && !isWish(entry));
}

async function takeBack(
  entry: LedgerEntry,
  newer: Newer,
  back: BroughtBack,
  host: ActingHost,
  check: boolean,
): Promise<DestroyResponse> {
  const said = { object: entry.object, what: describeActions(entry.undo) };
  const left = (reason: string): DestroyResponse => ({ ...said, outcome: Outcome.LEFT, reason });
  try {
    if (entry.undo.length === 0) return left('how to bring it back is not known; run the playbook again');
    const ours = back.has(entry.guard) || (check && newer.get(entry.object) === Outcome.UNDONE);
    const reason = ours ? undefined : await objection(entry, host);
    if (reason !== undefined) return left(reason);
    if (check) return { ...said, outcome: Outcome.UNDONE, reason: '' };
    const found = await applyAll(inverses(entry), host);
    back.note(entry.undo);
    return found ? { ...said, outcome: Outcome.UNDONE, reason: '' } : left(goneReason);
  } catch (error) {
    return { ...said, outcome: Outcome.FAILED, reason: asOrchError(error).summary };
  }
}

/** What a step had taken away may have been brought back by someone else. */
function inverses({ undo, removes }: LedgerEntry): readonly Action[] {
  return undo.map((action) => (action.op === 'ip' && removes ? { ...action, ifMissing: true } : action));
}

/** An entry of the ledger with the index that its link has since it was brought back. */
async function asItIsNow(entry: LedgerEntry, back: BroughtBack, host: ActingHost): Promise<LedgerEntry> {
  const [action] = entry.undo;
  if (action === undefined || !back.has(entry.guard)) return entry;
  const { object, undo } = entry;
  return { ...entry, guard: await observedGuard({ object, undo, action }, host) };
}
