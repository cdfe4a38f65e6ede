import { OrchError } from '../../proto/errors.ts';
import { type DestroyResponse, DestroyResponse_Outcome as Outcome } from '../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../linux/acting-host.ts';
import type { Action } from '../linux/action.ts';
import { describeActions } from './describe.ts';
import { asOrchError } from './diagnostic.ts';
import { objection } from './guard.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/**
 * Takes back what a lab did here, newest first, and says what became of each. What is gone or was changed by someone
 * else is left; what fails stays in the ledger, so that it can be tried again. `check` only says what would be done.
 */
export async function* destroy(ledger: Ledger, host: ActingHost, check: boolean): AsyncGenerator<DestroyResponse> {
  for (const entry of ledger.entries.toReversed()) {
    const response = await takeBack(entry, host, check);
    if (!check && response.outcome !== Outcome.FAILED) ledger.forget([entry.seq]);
    yield response;
  }
  if (ledger.damaged > 0) {
    const reason = `${ledger.damaged} lines of the ledger could not be read; what they held is left as it is`;
    yield { object: `ledger of lab ${ledger.lab}`, what: '', outcome: Outcome.LEFT, reason };
  }
}

async function takeBack(entry: LedgerEntry, host: ActingHost, check: boolean): Promise<DestroyResponse> {
  const said = { object: entry.object, what: describeActions(entry.undo) };
  try {
    const reason = await objection(entry.guard, host);
    if (reason !== undefined) return { ...said, outcome: Outcome.LEFT, reason };
    if (check) return { ...said, outcome: Outcome.UNDONE, reason: '' };
    const found = await applyAll(entry.undo, host);
    return found
      ? { ...said, outcome: Outcome.UNDONE, reason: '' }
      : { ...said, outcome: Outcome.LEFT, reason: 'it is gone' };
  } catch (error) {
    return { ...said, outcome: Outcome.FAILED, reason: asOrchError(error).summary };
  }
}

/** False when nothing that the actions work on was there. */
async function applyAll(actions: readonly Action[], host: ActingHost): Promise<boolean> {
  let found = false;
  for (const action of actions) {
    try {
      await host.apply(action);
      found = true;
    } catch (error) {
      if (!(error instanceof OrchError) || error.code !== 'missing-object') throw error;
    }
  }
  return found;
}
