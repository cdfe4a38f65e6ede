import { OrchError } from '../../../proto/errors.ts';
import type { Ledger } from './ledger.ts';
import { isWish, type LedgerEntry } from './ledger-entry.ts';

/** Objects of a task that other labs brought about or wish, and of which this lab's ledger does not say so yet. */
export function sharedWishes(objects: readonly string[], ledger: Ledger, others: readonly Ledger[]): readonly string[] {
  return objects.filter((object) => !ledger.owns(object) && others.some((other) => other.owns(object)));
}

/** Changes of a lab that is destroyed, by the other lab that wishes their objects too: they become its own. */
export function inheritances(ledger: Ledger, others: readonly Ledger[]): ReadonlyMap<LedgerEntry, Ledger> {
  const heirs = ledger.changes.map((entry) => [entry, others.find((other) => other.owns(entry.object))] as const);
  return new Map(heirs.filter((pair): pair is readonly [LedgerEntry, Ledger] => pair[1] !== undefined));
}

/** Throws OrchError 'lab-conflict' when another lab wishes too what runs of a lab changed. */
export function refuseShared(lab: string, changed: readonly LedgerEntry[], others: readonly Ledger[]): void {
  for (const other of others) {
    const shared = changed.find(({ object }) => other.owns(object));
    if (shared === undefined) continue;
    throw new OrchError({
      code: 'lab-conflict',
      summary: `${shared.object} of lab ${lab} is shared with lab ${other.lab}; nothing was taken back.`,
      hint: `Destroy lab ${other.lab} first; or destroy lab ${lab}, which leaves to lab ${other.lab} what it wishes too.`,
    });
  }
}

/** Why an entry of a lab that is destroyed is not undone; undefined when it is. */
export function whyKept(entry: LedgerEntry, heir: Ledger | undefined, others: readonly Ledger[]): string | undefined {
  if (heir !== undefined) return `lab ${heir.lab} wishes it too`;
  if (!isWish(entry)) return undefined;
  const owner = others.find((other) => other.owns(entry.object));
  return owner === undefined ? 'another lab had brought it about' : `lab ${owner.lab} brought it about`;
}
