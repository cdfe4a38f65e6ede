import { OrchError } from '../../proto/errors.ts';
import type { Lab, Open, RollbackRequest, RollbackResponse } from '../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../linux/acting-host.ts';
import type { Journal } from './books/journal.ts';
import { JournalStore } from './books/journal-store.ts';
import type { LedgerStore } from './books/ledger-store.ts';
import { refuseShared } from './books/sharing.ts';
import type { Checkpoint } from './confirm/checkpoint.ts';
import { Confirming } from './confirm/confirming.ts';
import { sshPeer, tcpPeer } from './confirm/peer.ts';
import { RunSafety } from './confirm/run-safety.ts';
import type { Holder, LabLocks } from './lab-locks.ts';
import type { Mutex } from './run/mutex.ts';
import type { RunSession } from './run/run-session.ts';
import { unlessRefused } from './steps/unless-refused.ts';
import { followBrokenOff } from './undo/broken-off.ts';
import type { Runs } from './undo/rollback.ts';
import { allOf, type UndoneRun } from './undo/undo-run.ts';

export interface GoingBackParts {
  readonly host: ActingHost;
  /** Folder of the journals of runs. */
  readonly journalsDir: string;
  /** Folder of runs that wait for their confirmation. */
  readonly checkpointsDir: string;
  /** A run has to be confirmed: this process may die before its time is over. */
  readonly onArmed?: (() => void) | undefined;
  readonly boot: string;
}

/** What the engine shares with it. */
export interface GoingBackEngine {
  readonly store: LedgerStore;
  readonly locks: LabLocks;
  readonly changing: Mutex;
  readonly session: (run: string) => RunSession | undefined;
  /** Does work that keeps the agent busy. */
  readonly work: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Runs that are taken back: by hand, or because nobody confirmed them. */
export class GoingBack {
  readonly confirming: Confirming;
  private readonly parts: GoingBackParts;
  private readonly engine: GoingBackEngine;
  private readonly journals: JournalStore;

  constructor(parts: GoingBackParts, engine: GoingBackEngine) {
    this.parts = parts;
    this.engine = engine;
    this.journals = new JournalStore(parts.journalsDir, parts.boot);
    this.confirming = new Confirming({
      folder: parts.checkpointsDir,
      boot: parts.boot,
      takeBack: (checkpoint, reason) => engine.work(() => this.takeBack(checkpoint, reason)),
      onArmed: () => parts.onArmed?.(),
      onSettled: ({ lab, run }) => engine.locks.release(lab, run),
      atWork: (run) => {
        const session = engine.session(run);
        // Its controller may be gone, and another one speaks for it.
        return session?.ended === false && !session.yieldIfAbandoned();
      },
    });
    // The lab of a run that waits is in that run's hands.
    for (const { lab, run, holder } of this.confirming.load()) void engine.locks.take(lab, { run, name: holder }, 0);
  }

  /** What a run needs so that it can be taken back. `caller`: where its stream comes from, as grpc names it. */
  begin({ lab, run, holder, precautions }: Open, caller: string): { journal: Journal; safety: RunSafety } {
    const ways = precautions?.ways ?? [];
    const peers = [tcpPeer(caller), ...ways.map(sshPeer)].filter((peer) => peer !== undefined);
    const { host } = this.parts;
    const safety = new RunSafety({ lab, run, holder, precautions, peers, host, confirming: this.confirming });
    return { journal: this.journals.journal(lab, run), safety };
  }

  /** A run has ended. Its lab stays in its hands while it waits for its confirmation. */
  finish(lab: string, run: string): void {
    // Another one may have the lab already, with a journal that has no entries yet.
    if (this.engine.locks.holder(lab)?.run === run) this.journals.tidy(lab);
    if (!this.confirming.holds(lab, run)) this.engine.locks.release(lab, run);
  }

  /** Carries out what `Engine.rollback` says. */
  async *rollback(request: RollbackRequest, gone: () => boolean): AsyncGenerator<RollbackResponse> {
    const { rollBack } = await import('./undo/rollback.ts');
    const { lab, runs, holder, check, waitMs } = request;
    const { store, locks, changing } = this.engine;
    const armed = this.confirming.status(lab)?.run;
    if (armed !== undefined && runs.includes(armed)) {
      if (check) return yield* rollBack(this.chosen(lab, runs), store, this.parts.host, check);
      const undone = await this.confirming.takeBack(lab, armed, `${holder} asked for it`);
      yield* undone?.changes ?? [];
    }
    const run = `rollback by ${holder}`;
    const other = await locks.take(lab, { run, name: holder }, waitMs);
    if (other !== undefined) throw lockedBy(lab, this.nameOf(lab, other));
    const release = await changing.take();
    try {
      if (gone()) return;
      const changed = this.chosen(lab, runs).newestFirst.flatMap(({ entries }) => entries);
      refuseShared(lab, changed, store.others(lab));
      yield* check ? rollBack(this.chosen(lab, runs), store, this.parts.host, check) : this.undo(lab, runs);
    } finally {
      release();
      locks.release(lab, run);
    }
  }

  /** The lab owns nothing any more. */
  forget(lab: string): void {
    this.journals.remove(lab);
    this.confirming.forget(lab);
  }

  /** Runs of a lab that can be taken back, oldest first. */
  runs(lab: string): readonly Journal[] {
    return this.journals.runs(lab);
  }

  status(lab: string): Pick<Lab, 'runs' | 'checkpoint' | 'settled'> {
    return {
      runs: this.journals.runs(lab).map(({ run, entries }) => ({ run, changes: entries.length })),
      checkpoint: this.confirming.status(lab),
      settled: this.confirming.settled(lab),
    };
  }

  /** Who has a lab, for people. */
  nameOf(lab: string, holder: Holder): string {
    const waits = this.confirming.status(lab);
    if (waits === undefined) return holder.name;
    const left = Math.ceil(waits.remainingMs / 1000);
    return `${holder.name}, whose run ${waits.run} is taken back in ${left} s unless it is confirmed`;
  }

  /** Takes back what was not confirmed. */
  async stop(): Promise<void> {
    await this.confirming.end();
    this.journals.close();
  }

  private async takeBack({ lab, run }: Checkpoint, reason: string): Promise<UndoneRun> {
    const { session, changing, store } = this.engine;
    const summary = `The host takes the run back: ${reason}.`;
    await session(run)?.abandon(new OrchError({ code: 'not-confirmed', summary }));
    const undone = await changing.run(() => allOf(this.undo(lab, [run])));
    if (session(run) === undefined) {
      // It was an agent before this one that served the run.
      store.saveLastRun(lab, { run, exit: 130, summaryJson: '{"lost":true}', updatedMs: Date.now() });
    }
    session(run)?.takenBack(reason);
    return undone;
  }

  /** Takes runs back; what other labs remember of the host follows. */
  private async *undo(lab: string, runs: readonly string[]): AsyncGenerator<RollbackResponse> {
    // Loaded for an undo alone: each start would take longer.
    const { rollBack } = await import('./undo/rollback.ts');
    const { readHost } = await import('./undo/prove.ts');
    const { rebase } = await import('./snapshot/rebase.ts');
    const { store } = this.engine;
    const { host } = this.parts;
    const ledger = store.ledger(lab);
    await unlessRefused(() => followBrokenOff(store, host, lab));
    const others = store.remembered(lab);
    const names = [...new Set(others.flatMap(({ snapshot }) => Object.keys(snapshot.state)))];
    const found = await readHost(host, names);
    const before = others.length === 0 ? found : store.snapshot(lab).begin(found);
    yield* rollBack(this.chosen(lab, runs), store, host, false);
    store.plan(lab).forget(runs);
    const after = await readHost(host, names);
    for (const { snapshot, inverses } of others)
      await snapshot.replace(await rebase(snapshot.state, before, after, inverses, store.snapshot(lab).state));
    store.snapshot(lab).over();
    store.snapshot(lab).tidy(ledger);
    this.journals.tidy(lab);
  }

  private chosen(lab: string, runs: readonly string[]): Runs {
    const all = this.journals.runs(lab);
    const isChosen = ({ run }: Journal) => runs.includes(run);
    return { lab, newestFirst: all.filter(isChosen).toReversed(), older: all.filter((journal) => !isChosen(journal)) };
  }
}

/** Whoever wants the lab must wait. */
export function lockedBy(lab: string, holder: string): OrchError {
  return new OrchError({
    code: 'lab-locked',
    summary: `Lab ${lab} is in the hands of ${holder}.`,
    hint: 'Wait until that run has ended (--wait SECONDS queues), or end it.',
  });
}
