import type { Action } from '../../linux/action.ts';
import type { Step } from '../../modules/module.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { isWish, type LedgerEntry } from './ledger-entry.ts';

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

interface Books {
  readonly ledger: Ledger;
  readonly journal: Journal;
}

/**
 * Gives a lab what others did to the objects that its steps are about to change, with what takes it back: what was there before
 * all of them. Written down for the lab first; a crash in between leaves two labs that know it. Returns what it was to them.
 */
export async function takeOver(
  steps: readonly Step[],
  { ledger, journal }: Books,
  others: readonly Ledger[],
): Promise<readonly LedgerEntry[]> {
  const taken: LedgerEntry[] = [];
  for (const other of others) {
    const theirs = other.entries.filter((entry) => steps.some((step) => mayTakeOver(step, entry)));
    if (theirs.length === 0) continue;
    await journal.take(other.lab, theirs, ledger);
    await ledger.takeOver(other.lab, theirs);
    other.forget(theirs.map(({ seq }) => seq));
    taken.push(...theirs.map((entry) => ({ ...entry, taken: { lab: other.lab, seq: entry.seq } })));
  }
  return taken;
}

/** Gives back what was taken over for steps that were not carried out. */
export function leave(
  taken: readonly LedgerEntry[],
  ledger: Ledger,
  living: (lab: string) => Ledger | undefined,
): void {
  for (const lab of labsOf(taken)) {
    const owner = living(lab);
    if (owner === undefined) continue;
    const theirs = taken.filter((entry) => entry.taken?.lab === lab);
    owner.regain(theirs.map(asItWas));
    const own = ledger.changes.filter(({ object }) =>
      theirs.some((entry) => entry.object === object && !isWish(entry)),
    );
    ledger.forget(own.map(({ seq }) => seq));
  }
}

/**
 * Gives the others back what a run of a lab had `taken` over, once the run is taken back, and has the lab own what it did
 * `before` it. What a lab has lost that is gone since stays with this one. The others come first: a crash in between leaves
 * two labs that know it.
 */
export function giveBack(
  ledger: Ledger,
  { taken, before }: { readonly taken: readonly LedgerEntry[]; readonly before: readonly LedgerEntry[] },
  living: (lab: string) => Ledger | undefined,
): void {
  const stays: LedgerEntry[] = [];
  for (const lab of labsOf(taken)) {
    const theirs = taken.filter((entry) => entry.taken?.lab === lab);
    const owner = living(lab);
    if (owner === undefined) stays.push(...theirs.map((entry) => ({ ...entry, taken: undefined, heirOf: lab })));
    else owner.regain(theirs.map(asItWas));
  }
  const others = ledger.entries.filter(({ object }) => !taken.some((entry) => entry.object === object));
  ledger.restore(withInherited(before, [...stays.filter((entry) => !isWish(entry)), ...others]));
}

function labsOf(taken: readonly LedgerEntry[]): ReadonlySet<string> {
  return new Set(taken.flatMap((entry) => entry.taken?.lab ?? []));
}

function asItWas(entry: LedgerEntry): LedgerEntry {
  return { ...entry, seq: entry.taken?.seq ?? entry.seq, taken: undefined };
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
