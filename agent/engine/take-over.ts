import type { Action } from '../linux/action.ts';
import type { Step } from '../modules/module.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/**
 * True when a step may change what another lab did: a file, an account, a service or the like belongs to whoever changed it
 * last, as playbooks have always had it. What makes up the network does not: two labs that want it otherwise break each other.
 */
export function mayTakeOver(step: Step, entry: LedgerEntry): boolean {
  return entry.object === step.object && [step.action, ...entry.undo].every(isOfHost);
}

function isOfHost({ op }: Action): boolean {
  return op === 'file' || op === 'exec';
}

/**
 * Gives a lab what others did to the objects that its steps are about to change, with what takes it back: what was there before
 * all of them. Written down for the lab first; a crash in between leaves two labs that know it.
 */
export async function takeOver(steps: readonly Step[], ledger: Ledger, others: readonly Ledger[]): Promise<void> {
  for (const other of others) {
    const theirs = other.entries.filter((entry) => steps.some((step) => mayTakeOver(step, entry)));
    if (theirs.length === 0) continue;
    await ledger.takeOver(other.lab, theirs);
    other.forget(theirs.map(({ seq }) => seq));
  }
}
