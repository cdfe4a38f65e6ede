import { isDeepStrictEqual } from 'node:util';
import {
  type DestroyResponse,
  DestroyResponse_Outcome as Outcome,
  type RollbackResponse,
} from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import type { Journal, Renumbered } from '../books/journal.ts';
import type { Ledger } from '../books/ledger.ts';
import { isWish, type LedgerEntry } from '../books/ledger-entry.ts';
import type { LedgerStore } from '../books/ledger-store.ts';
import { giveBack } from '../books/take-over.ts';
import { renumbered } from '../snapshot/rebase.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { netnsName } from '../snapshot/state.ts';
import { removeWays } from '../steps/apply-inverse.ts';
import { isOfNetns } from '../steps/guard.ts';
import { namespacesOf } from '../steps/touched.ts';
import { unlessRefused } from '../steps/unless-refused.ts';
import { isSame, removedLink } from '../steps/vanish.ts';
import { giveBridgeMacs } from './bridge-macs.ts';
import { BroughtBack, knownSince, madeBy } from './brought-back.ts';
import { noteInhabited } from './inhabited.ts';
import { left, putBackLast, putBackOwed, takeBack, takeLotBack, undoneIn } from './take-back.ts';
import { takeAllBack } from './undo-order.ts';

/** Runs of a lab that are to be taken back, and those before them. */
export interface Runs {
  readonly lab: string;
  readonly newestFirst: readonly Journal[];
  readonly older: readonly Journal[];
}

/**
 * Takes runs of a lab back, newest first, and within a run its last change first; the ledgers then say what this lab and
 * those that it took things over from owned before. What someone else changed since is left. What fails stays in the journal,
 * and runs before it are not touched.
 */
export async function* rollBack(
  { lab, newestFirst, older }: Runs,
  store: LedgerStore,
  host: ActingHost,
  check: boolean,
): AsyncGenerator<RollbackResponse> {
  const ledger = store.ledger(lab);
  const others = store.others(lab);
  /** What became of newer changes to the same object. */
  const newer = new Map<string, Outcome>();
  const back = new BroughtBack();
  for (const [at, journal] of newestFirst.entries()) {
    let failed = false;
    const putOff: Action[] = [];
    if (!check) {
      await ownAgain(journal, ledger, others);
      await removeWays(placesOf(journal.entries.flatMap((entry) => entry.undo)), host);
      await putBackOwed(journal.entries, putOff, host);
    }
    await back.look(journal.entries, host);
    const inhabited = noteInhabited(check ? [] : journal.entries, host);
    const take = async (entry: LedgerEntry) => {
      // In check mode the host still shows what a newer change made of it.
      const ours = check && newer.get(entry.object) === Outcome.UNDONE;
      const change =
        entry.undo.length === 0
          ? left(entry, 'how to bring it back is not known; run the playbook again')
          : await takeBack(entry, back, host, { check, ours, undo: inverses(entry), putOff, books: journal });
      newer.set(entry.object, change.outcome);
      return change;
    };
    const takeLot = (lot: readonly LedgerEntry[]) =>
      takeLotBack(lot, back, host, { check, putOff, books: journal }, take);
    for await (const lot of takeAllBack(journal.entries.toReversed(), takeLot)) {
      failed ||= lot.some(({ response }) => response.outcome === Outcome.FAILED);
      const over = lot.filter(({ response }) => response.outcome !== Outcome.FAILED).map(({ entry }) => entry);
      // The last one stays until the ledgers say so, too: a journal without entries is no run for the agent that comes next.
      const areAll = over.length === journal.entries.length;
      if (!check) {
        const done = undoneIn(lot);
        await renumber(done, journal, [...newestFirst.slice(at), ...older], host);
        const owned = await knownSince(done, ledger, host);
        await unlessRefused(async () => ledger.forget([], owned));
        const since = await knownSince(done, journal, host);
        journal.forget(areAll ? over.slice(0, -1) : over, since);
      }
      for (const { entry, response } of lot) {
        // Who wishes still what is no more would keep this lab from doing it again.
        if (!check && response.outcome === Outcome.UNDONE) for (const other of others) other.unwish(entry.object);
      }
      for (const { response } of lot) yield { run: journal.run, change: response };
    }
    for (const change of await inhabited()) yield { run: journal.run, change };
    if (!check) await giveBridgeMacs(journal, store.snapshot(lab).state, putOff, host);
    for (const change of await putBackLast(putOff, host)) yield { run: journal.run, change };
    if (failed) return;
    const { entries: owned, whole } = journal.before;
    if (!whole || journal.damaged > 0) yield { run: journal.run, change: unreadable(journal, whole) };
    if (!check) {
      const { kept, taken } = withoutLost(journal, owned, ledger, others);
      const before = await Promise.all(kept.map((entry) => back.asItIsNow(entry, host)));
      // What it is not known to have owned it owns too much of: inverses accept that there is nothing to undo.
      const rest = whole ? [] : ledger.entries.filter(({ object }) => !owned.some((entry) => entry.object === object));
      giveBack(ledger, { taken, before: [...rest, ...before] }, (name) => store.living(name));
      const links = kept.flatMap((entry, index) => renumbering(entry, before[index]));
      for (const other of [...newestFirst.slice(at + 1), ...older]) other.renumber(links);
      await unlessRefused(() => followLinks(store.snapshot(lab), kept, back, host));
      // Without its journal nobody would know that it was taken back.
      await unlessRefused(async () => store.plan(lab).forget([journal.run]));
      journal.remove();
    }
  }
}

/**
 * The lab owns again what a run had taken away of its own, before that is brought back: a destroy has to know it, should the
 * rollback be broken off. As long as it is not there, inverses find nothing to undo.
 */
async function ownAgain(journal: Journal, ledger: Ledger, others: readonly Ledger[]): Promise<void> {
  const isAlike = (entry: LedgerEntry, other: LedgerEntry) =>
    other.object === entry.object && other.part === entry.part && isDeepStrictEqual(other.undo, entry.undo);
  const isSameOne = (entry: LedgerEntry, other: LedgerEntry) =>
    isAlike(entry, other) && isDeepStrictEqual(other.guard, entry.guard);
  // A full disk, or what can't be read, keeps nothing from being taken back.
  await unlessRefused(async () => {
    const { kept } = withoutLost(journal, journal.before.entries, ledger, others);
    const before = kept.filter((entry) => !isWish(entry));
    const rest = [...ledger.entries];
    const take = (is: typeof isSameOne) => (entry: LedgerEntry) => {
      const at = rest.findIndex((other) => is(entry, other));
      return at === -1 ? undefined : rest.splice(at, 1)[0];
    };
    // Each stands for one; links of one name and one inverse are told apart by their numbers, which may be others since.
    const same = before.map(take(isSameOne));
    const owned = before.map((entry, at) => same[at] ?? take(isAlike)(entry));
    if (!owned.includes(undefined)) return;
    // In their old order: what stands in a namespace or folder goes before it.
    // When a namespace was made anew is not known to an agent that is killed at that.
    const missing = before.map((entry) => (isOfNetns(entry.guard) ? { ...entry, guard: undefined } : entry));
    ledger.restore([...missing.map((entry, at) => owned[at] ?? entry), ...rest]);
  });
}

/** Has journals know links by their numbers once inverses of the first of them have made them again. */
async function renumber(
  done: readonly Action[],
  journal: Journal,
  journals: readonly Journal[],
  host: ActingHost,
): Promise<void> {
  if (!done.some((action) => madeBy(action).length > 0)) return;
  const { entries } = journal.before;
  const since = await knownSince(done, { entries }, host);
  const links = since.flatMap((now) =>
    entries.filter(({ seq }) => seq === now.seq).flatMap((was) => renumbering(was, now)),
  );
  for (const each of journals) each.renumber(links);
}

/** The namespaces that actions leave there. */
function placesOf(actions: readonly Action[]): ReadonlySet<string | undefined> {
  const spaces = new Set(actions.flatMap(namespacesOf));
  for (const action of actions) if (action.op === 'netns-delete') spaces.delete(action.name);
  return spaces;
}

/** What became of the number of an entry's link. */
function renumbering({ guard: was }: LedgerEntry, now: LedgerEntry | undefined): readonly Renumbered[] {
  const is = now?.guard;
  if (was?.kind !== 'link' || is?.kind !== 'link' || was.index === is.index) return [];
  return [{ link: was.link, from: was.index, to: is.index }];
}

/** The snapshot knows links of the host by their new numbers; those of these names that the lab made are none of them. */
async function followLinks(
  snapshot: Snapshot,
  owned: readonly LedgerEntry[],
  back: BroughtBack,
  host: ActingHost,
): Promise<void> {
  const made = owned.flatMap(({ undo }) => undo.flatMap((action) => removedLink(action) ?? []));
  const isMade = ({ netns, row }: { readonly netns: string; readonly row: Row }) =>
    made.some((link) => isSame(link, { netns: netnsName(netns), name: text(row, 'ifname') ?? '' }));
  const found = (await back.rows(host)).filter((link) => !isMade(link));
  await snapshot.replace(renumbered(snapshot.state, found));
}

/**
 * What the lab owned before the run, whose wishes may have come before its first change, and what the run took over; but not
 * what others have taken over since.
 */
function withoutLost(
  { run, taken }: Journal,
  owned: readonly LedgerEntry[],
  ledger: Ledger,
  others: readonly Ledger[],
): { readonly kept: readonly LedgerEntry[]; readonly taken: readonly LedgerEntry[] } {
  const theirs = new Set(others.flatMap(({ changes }) => changes.map(({ object }) => object)));
  const shared = (entry: LedgerEntry) => isWish(entry) && ledger.owns(entry.object);
  return {
    kept: owned.filter(
      (entry) => !(isWish(entry) && entry.run === run) && (!theirs.has(entry.object) || shared(entry)),
    ),
    taken: taken.filter(({ object }) => !theirs.has(object)),
  };
}

/** Somebody got at the journal's files. */
function unreadable({ run, damaged }: Journal, whole: boolean): DestroyResponse {
  const lines = damaged > 0 ? [`${damaged} lines could not be read; what they held is left as it is`] : [];
  const owned = whole ? [] : ['what the lab owned before cannot be read; it keeps what it owns now'];
  const reason = [...lines, ...owned].join('; ');
  return { object: `journal of run ${run}`, what: '', outcome: Outcome.LEFT, reason };
}

/** What a step had taken away may have been brought back by someone else. */
function inverses({ undo, removes }: LedgerEntry): readonly Action[] {
  return undo.map((action) => (action.op === 'ip' && removes ? { ...action, ifMissing: true } : action));
}
