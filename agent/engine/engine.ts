import { OrchError } from '../../proto/errors.ts';
import type {
  ConfirmRequest,
  ConfirmResponse,
  DestroyRequest,
  DestroyResponse,
  Lab,
  Open,
  Opened,
  Restored,
  RollbackRequest,
  RollbackResponse,
  Settled,
} from '../../proto/gen/orch/v1/agent.ts';
import type { Chunks } from '../linux/files/chunks.ts';
import type { AnyModule } from '../modules/module.ts';
import { LedgerStore } from './books/ledger-store.ts';
import { type BootService, PersistentWishes } from './books/persistent-wishes.ts';
import { bringBack } from './bring-back.ts';
import { ImaginedFiles } from './check/imagined-files.ts';
import { ImaginedKernel } from './check/imagined-kernel.ts';
import { PlannedSteps } from './check/planned-steps.ts';
import { Promises } from './check/promises.ts';
import { GoingBack, type GoingBackParts, lockedBy } from './going-back.ts';
import { type Holder, LabLocks } from './lab-locks.ts';
import { Arrivals, noArrivals } from './run/arrivals.ts';
import { AskedTasks } from './run/asked-tasks.ts';
import { JobResults } from './run/job-results.ts';
import { Mutex } from './run/mutex.ts';
import { lacksOf } from './run/needs.ts';
import { RunSession, type SessionEnd } from './run/run-session.ts';

/** How long a finished run can still be asked for its last responses. */
const finishedMs = 60_000;

export interface EngineParts extends GoingBackParts {
  readonly modules: ReadonlyMap<string, AnyModule>;
  /** Folder of the ledgers. */
  readonly labsDir: string;
  /** What starts an agent with the host; undefined: nothing does. */
  readonly boots?: BootService | undefined;
}

/** What the agent does, without any transport. */
export class Engine {
  private readonly parts: EngineParts;
  private readonly store: LedgerStore;
  private readonly locks = new LabLocks();
  private readonly changing = new Mutex();
  private readonly sessions = new Map<string, RunSession>();
  private readonly arrivals = new Arrivals();
  private readonly jobs = new JobResults();
  private readonly back: GoingBack;
  private active = 0;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.store = new LedgerStore(parts.labsDir, parts.boot);
    const { store, locks, changing } = this;
    const session = (run: string) => this.session(run);
    this.back = new GoingBack(parts, { store, locks, changing, session, work: (work) => this.work(work) });
  }

  /** Takes up what an agent before this one left half done, once this is the one that serves. */
  resume(): void {
    this.back.confirming.resume();
    this.wantBoot();
  }

  /** True while a run or a destroy is under way, or a run waits for its confirmation. */
  get busy(): boolean {
    return this.active > 0 || this.back.confirming.pending;
  }

  /**
   * Takes the lab for a run; else says what the host lacks, or after the wait who has the lab. `caller`: where the call comes from, as grpc
   * names it; empty: the agent itself. Throws OrchError for a bad lab name.
   */
  async open(open: Open, caller = ''): Promise<RunSession | Opened> {
    this.store.ledger(open.lab);
    if (this.sessions.get(open.run)?.ended === false)
      return { heldBy: `run ${open.run} itself, on another connection` };
    const lacks = await lacksOf(open.needs?.all ?? [], this.parts.host);
    if (lacks.length > 0) return { heldBy: '', lacks: { all: lacks } };
    let session: RunSession | undefined;
    const holder: Holder = {
      run: open.run,
      name: open.holder,
      yieldIfAbandoned: () => !this.back.confirming.holds(open.lab, open.run) && (session?.yieldIfAbandoned() ?? false),
    };
    const other = await this.locks.take(open.lab, holder, open.waitMs);
    if (other !== undefined) return { heldBy: this.back.nameOf(open.lab, other) };
    // The tasks will come once the answer is out, and most of them go to where the lab was before.
    setImmediate(() => {
      if (this.busy) this.parts.host.expect(this.store.ledger(open.lab).namespaces);
    });
    session = this.newSession(open, caller);
    return session;
  }

  /** A run whose stream broke; undefined when this agent does not know it (any more). */
  session(run: string): RunSession | undefined {
    return this.sessions.get(run);
  }

  /** How the last run of the lab ended, when that had to be confirmed. */
  lastSettled(lab: string): Settled | undefined {
    const { settled } = this.back.status(lab);
    return settled?.run === this.store.lastRun(lab)?.run ? settled : undefined;
  }

  /** How the lab was brought back after the start of the host, when no run has ended here since. */
  lastRestored(lab: string): Restored | undefined {
    const { restored } = this.store.plan(lab);
    return restored?.run === this.store.lastRun(lab)?.run ? restored : undefined;
  }

  /** Brings back the labs that the start of the host took away; tells what came of each. */
  async bringBack(tell: (lab: string, restored: Restored) => void): Promise<void> {
    for (const lab of this.store.planned()) {
      const plan = this.store.plan(lab);
      const restored = plan.due ? await bringBack(lab, plan, (open) => this.open(open)) : undefined;
      if (restored !== undefined) tell(lab, restored);
    }
  }

  /** One lab, or all of them for an empty name. */
  status(lab: string): readonly Lab[] {
    const names = lab === '' ? this.store.labs() : [lab];
    return names.map((name) => this.labStatus(name));
  }

  /**
   * Takes back what a lab did, unless whoever asked is `gone` when its turn comes. Throws OrchError 'lab-locked' when the
   * lab is in other hands and stays so.
   */
  async *destroy(request: DestroyRequest, gone: () => boolean): AsyncGenerator<DestroyResponse> {
    // What only an undo needs is loaded for one: each start would take longer.
    const { destroy } = await import('./undo/destroy.ts');
    const { lab, run, holder, check, waitMs } = request;
    this.store.ledger(lab);
    const other = await this.locks.take(lab, { run, name: holder }, waitMs);
    if (other !== undefined) throw lockedBy(lab, this.back.nameOf(lab, other));
    this.active++;
    // Nothing else changes the host while it is compared with what it was.
    const release = await this.changing.take();
    try {
      if (gone()) return;
      yield* destroy(lab, this.store, this.parts.host, check, this.back.runs(lab));
      if (!check && this.store.ledger(lab).entries.length === 0) this.forget(lab);
    } finally {
      release();
      this.locks.release(lab, run);
      await this.leave();
    }
  }

  /**
   * Takes runs of a lab back, newest first; one that waits for its confirmation too. Throws OrchError 'lab-locked' when the
   * lab is in other hands and stays so.
   */
  async *rollback(request: RollbackRequest, gone: () => boolean): AsyncGenerator<RollbackResponse> {
    this.active++;
    try {
      yield* this.back.rollback(request, gone);
    } finally {
      await this.leave();
    }
  }

  /** The controller's word that it can still reach this host. */
  confirm(request: ConfirmRequest): Promise<ConfirmResponse> {
    return this.back.confirming.confirm(request);
  }

  /** Cancels all runs and waits for their end; takes back what was not confirmed. */
  async stop(): Promise<void> {
    const reason = new OrchError({ code: 'connection-lost', summary: 'The agent was told to end.' });
    await Promise.all([...this.sessions.values()].map((session) => session.abandon(reason)));
    await this.back.stop();
    await this.parts.host.release();
    this.store.close();
  }

  private forget(lab: string): void {
    this.store.remove(lab);
    this.back.forget(lab);
  }

  /** A content that a task wants. Rejects with OrchError where none does. */
  arrive(id: string, chunks: Chunks): Promise<void> {
    return this.arrivals.arrive(id, chunks);
  }

  private newSession(open: Open, caller: string): RunSession {
    const { lab, run } = open;
    const { host } = this.parts;
    // A run may come in several streams, one after the other; what was promised and asked for holds for all of it.
    const known = this.sessions.get(run)?.context;
    const promises = known?.promises ?? new Promises();
    const imagined = known?.imagined ?? new ImaginedFiles(host);
    const kernel = known?.kernel ?? new ImaginedKernel();
    const planned = known?.planned ?? new PlannedSteps();
    // What is brought back yet was the lab's before the start of the host, and nothing of it is given up by that.
    const owned = this.store.plan(lab).due ? new Set<string>() : this.store.ownedWishes(lab);
    const wishes = known?.wishes ?? new PersistentWishes(this.parts.boots, owned);
    const asked = known?.asked ?? new AskedTasks();
    const context = {
      ...{ lab, run, host, store: this.store, changing: this.changing, promises, imagined },
      ...{ kernel, planned },
      ...{ asked, wishes, arrivals: caller === '' ? noArrivals : this.arrivals, jobs: this.jobs },
      ...this.back.begin(open, caller),
    };
    const session = new RunSession(context, this.parts.modules, (end) => this.finish(open, end));
    this.sessions.set(run, session);
    this.active++;
    return session;
  }

  private finish(open: Open, end: SessionEnd | undefined): void {
    const { lab, run } = open;
    const { exit, summaryJson } = end ?? { exit: 130, summaryJson: '{"lost":true}' };
    this.store.snapshot(lab).tidy(this.store.ledger(lab));
    const session = this.sessions.get(run);
    if (session) this.store.keep(lab, run, session.context.wishes);
    if (session?.onlyChecked !== true) this.store.saveLastRun(lab, { run, exit, summaryJson, updatedMs: Date.now() });
    this.back.finish(lab, run);
    setTimeout(() => {
      if (this.sessions.get(run) === session) this.sessions.delete(run);
    }, finishedMs).unref();
    void this.leave();
  }

  private async work<T>(work: () => Promise<T>): Promise<T> {
    this.active++;
    try {
      return await work();
    } finally {
      await this.leave();
    }
  }

  /** Coprocesses keep namespaces alive, so the last one out closes them. */
  private async leave(): Promise<void> {
    this.active--;
    if (this.active > 0) return;
    this.wantBoot();
    await this.parts.host.release();
  }

  /** Best effort: a run is not failed by what it needs only after the next start of the host. */
  private wantBoot(): void {
    try {
      this.parts.boots?.want(this.store.planned().length > 0);
    } catch {
      // A read-only or full disk, on which the plans could not be kept either.
    }
  }

  private labStatus(name: string): Lab {
    const last = this.store.lastRun(name);
    return {
      name,
      objects: [...this.store.ledger(name).objects],
      lastRun: last?.run ?? '',
      lastExit: last?.exit ?? 0,
      lastSummaryJson: last?.summaryJson ?? '',
      heldBy: this.locks.holder(name)?.name ?? '',
      updatedMs: last?.updatedMs ?? 0,
      ...this.back.status(name),
      restored: this.store.plan(name).restored,
    };
  }
}
