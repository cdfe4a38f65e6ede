import {
  Difference_Cause as Cause,
  type DestroyResponse,
  DestroyResponse_Outcome as Outcome,
  type Proof,
} from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import type { Journal } from '../books/journal.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import type { LedgerStore } from '../books/ledger-store.ts';
import { inheritances, whyKept } from '../books/sharing.ts';
import { only, rebase, withoutDeleted } from '../snapshot/rebase.ts';
import { netnsName, ownNetns, sections } from '../snapshot/state.ts';
import { removeWays } from '../steps/apply-inverse.ts';
import { moveOf } from '../steps/moved-links.ts';
import { unlessRefused } from '../steps/unless-refused.ts';
import { followBrokenOff } from './broken-off.ts';
import { BroughtBack, knownSince } from './brought-back.ts';
import { handOver } from './hand-over.ts';
import { noteInhabited } from './inhabited.ts';
import { allButSysctls, prove, readHost } from './prove.ts';
import { refuseStanding } from './standing.ts';
import { left, putBackLast, putBackOwed, takeBack, takeLotBack, undoneIn } from './take-back.ts';
import { type Taken, takeAllBack } from './undo-order.ts';

/**
 * Takes back what a lab did here, newest first, says what became of each, and proves that the host is as the lab found it.
 * What another lab wishes too is left, and is that lab's from now on. What is gone or was changed by someone else is left;
 * what fails stays in the ledger, so that it can be tried again.
 * `check` only says what would be done. `runs`: those of the lab, whose rollback may have been broken off. Throws OrchError
 * 'lab-conflict', with nothing done, when another lab stands on it.
 */
export async function* destroy(
  lab: string,
  store: LedgerStore,
  host: ActingHost,
  check: boolean,
  runs: readonly Pick<Journal, 'entries'>[] = [],
): AsyncGenerator<DestroyResponse> {
  const ledger = store.ledger(lab);
  const snapshot = store.snapshot(lab);
  const others = store.others(lab);
  const entries = ledger.entries.toReversed();
  const heirs = inheritances(ledger, others);
  await refuseStanding(ledger, others, heirs, host);
  // Whatever comes of it: nobody wants the lab back.
  if (!check) {
    store.removePlan(lab);
    await unlessRefused(() => followBrokenOff(store, host, lab));
  }
  const before = snapshot.state;
  // What the inverses take along of sysctls is foretold; other labs' snapshots must follow all of it.
  const sought = others.length + store.remembered(lab).length > 0 ? sections : allButSysctls;
  const putOff: Action[] = [];
  if (!check) {
    await removeWays(Object.keys(before).map(netnsName), host);
    await putBackOwed([...entries, ...runs.flatMap((run) => run.entries)], putOff, host);
  }
  const found = check ? {} : await readHost(host, Object.keys(before), sought);
  // A rollback that was broken off knew namespaces of other labs, too.
  const begun =
    check || sought !== sections ? found : only(snapshot.begin(found), (netns) => Object.hasOwn(before, netns));
  if (!check) await handOver(heirs, { lab, before, found }, store);
  for (const entry of entries) {
    const reason = whyKept(entry, heirs.get(entry), others);
    if (reason === undefined) continue;
    if (!check) ledger.forget([entry.seq]);
    yield left(entry, reason);
  }
  const remains: Taken[] = [];
  const undone: Action[] = [];
  const own = entries.filter((entry) => whyKept(entry, heirs.get(entry), others) === undefined);
  // Before they go: an undo that goes on after this one would not know of them.
  const gone = own.flatMap(({ undo }) => undo);
  if (!check)
    for (const { snapshot: theirs } of store.remembered(lab))
      await unlessRefused(() => theirs.replace(withoutDeleted(theirs.state, gone)));
  const inhabited = noteInhabited(check ? [] : own, host);
  const back = new BroughtBack();
  await back.look(own.toReversed(), host);
  const taking = { check, putOff, books: ledger };
  const take = (entry: LedgerEntry) => takeBack(entry, back, host, taking);
  for await (const lot of takeAllBack(own, (lot) => takeLotBack(lot, back, host, taking, take))) {
    remains.push(...lot.filter(({ response }) => response.outcome !== Outcome.UNDONE));
    const done = undoneIn(lot);
    undone.push(...done);
    const over = lot.filter((taken) => !isFailed(taken));
    // Whoever listens may be gone at the first word.
    if (!check) {
      const since = await knownSince(done, ledger, host);
      ledger.forget(
        over.map(({ entry }) => entry.seq),
        since,
      );
    }
    for (const { response } of over) yield response;
  }
  yield* await inhabited();
  let refused = await putBackLast(putOff, host);
  if (ledger.damaged > 0) {
    const reason = `${ledger.damaged} lines of the ledger could not be read; what they held is left as it is`;
    yield { object: `ledger of lab ${ledger.lab}`, what: '', outcome: Outcome.LEFT, reason };
  }
  const failed = remains.filter(isFailed);
  if (check || snapshot.empty) {
    for (const { response } of failed) yield response;
    yield* refused;
  }
  if (check || (own.length === 0 && snapshot.empty)) return;
  if (snapshot.empty)
    return yield proofResponse({
      compared: {},
      differences: [],
      unread: [],
      missing: snapshot.damaged > 0 ? 'the snapshot could not be read' : noSnapshot,
    });

  // A rollback that was broken off had brought the link back that was there before.
  const remainders = remains
    .filter((taken) => isFailed(taken) || !back.has(taken.entry.guard))
    .map((taken) => ({ undo: taken.entry.undo, failed: isFailed(taken), reason: taken.response.reason }));
  const otherLabs = others.map((other) => ({ lab: other.lab, actions: other.entries.flatMap(({ undo }) => undo) }));
  const { risks } = snapshot;
  const networks = runs.flatMap((run) => run.entries.flatMap(networkOf));
  const evidence = { before, found, risks, remainders, undone, otherLabs, missing: back.missing, networks };
  // Some may wait for what only the proof brings back.
  const tryAgain = async () => {
    refused = await putBackLast(putOff, host);
  };
  const proven = await prove(evidence, host, { putOff, tryAgain });
  const { now, whole } = proven;
  const lines = snapshot.damaged === 0 ? [] : [`${snapshot.damaged} lines of the snapshot could not be read`];
  const proof = { ...proven.proof, unread: [...proven.proof.unread, ...lines] };
  for (const { entry, response } of failed) {
    // What it needed may have come back only now, and with it what it was to bring back.
    const isBack = isEqual(proof) && entry.undo.every((action) => action.op === 'ip' && moveOf(action) === undefined);
    if (isBack) ledger.forget([entry.seq]);
    yield isBack ? { ...response, outcome: Outcome.UNDONE, reason: '' } : response;
  }
  yield* refused;
  // Heirs by now have what they inherited, and a snapshot for it.
  for (const { snapshot: theirs, inverses } of store.remembered(lab))
    await theirs.replace(await rebase(theirs.state, begun, now, inverses, before));
  // What could not be brought back is tried once more by the next destroy, and then it has been said twice.
  if (ledger.entries.length === 0 && (whole || entries.length === 0)) store.removeSnapshot(lab);
  else snapshot.over();
  yield proofResponse(proof);
}

const noSnapshot = 'the lab was begun by an agent that took no snapshot, or before the host was started the last time';

function proofResponse(proof: Proof): DestroyResponse {
  return { object: '', what: '', outcome: Outcome.UNSPECIFIED, reason: '', proof };
}

/** The route that came along with the address of an entry. */
function networkOf({ undo: [action], network }: LedgerEntry) {
  const netns = action?.op === 'ip' ? (action.netns ?? ownNetns) : ownNetns;
  return network === undefined ? [] : [{ ...network, netns }];
}

function isFailed({ response }: Taken): boolean {
  return response.outcome === Outcome.FAILED;
}

/** All of the snapshot was compared, and nothing differs at the end. */
function isEqual({ differences, unread }: Proof): boolean {
  return unread.length === 0 && differences.every(({ cause }) => cause === Cause.RESTORED);
}
