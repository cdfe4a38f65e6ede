import { OrchError } from '../../proto/errors.ts';
import type { DestroyRequest, DestroyResponse, Lab, Open } from '../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../linux/acting-host.ts';
import type { AnyModule } from '../modules/module.ts';
import { destroy } from './destroy.ts';
import { type Holder, LabLocks } from './lab-locks.ts';
import { LedgerStore } from './ledger-store.ts';
import { Mutex } from './mutex.ts';
import { Promises } from './promises.ts';
import { RunSession, type SessionEnd } from './run-session.ts';

/** How long a finished run can still be asked for its last responses. */
const finishedMs = 60_000;

export interface EngineParts {
  readonly host: ActingHost;
  readonly modules: ReadonlyMap<string, AnyModule>;
  /** Folder of the ledgers. */
  readonly labsDir: string;
  /** Boot id of the running kernel. */
  readonly boot: string;
}

/** What the agent does, without any transport. */
export class Engine {
  private readonly parts: EngineParts;
  private readonly store: LedgerStore;
  private readonly locks = new LabLocks();
  private readonly changing = new Mutex();
  private readonly sessions = new Map<string, RunSession>();
  private active = 0;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.store = new LedgerStore(parts.labsDir, parts.boot);
  }

  /** True while a run or a destroy is under way. */
  get busy(): boolean {
    return this.active > 0;
  }

  /** Takes the lab for a run; after the wait, a text that says who has it. Throws OrchError for a bad lab name. */
  async open(open: Open): Promise<RunSession | { readonly heldBy: string }> {
    this.store.ledger(open.lab);
    if (this.sessions.get(open.run)?.ended === false)
      return { heldBy: `run ${open.run} itself, on another connection` };
    let session: RunSession | undefined;
    const holder: Holder = {
      run: open.run,
      name: open.holder,
      yieldIfAbandoned: () => session?.yieldIfAbandoned() ?? false,
    };
    const other = await this.locks.take(open.lab, holder, open.waitMs);
    if (other !== undefined) return { heldBy: other.name };
    // The tasks will come once the answer is out, and most of them go to where the lab was before.
    setImmediate(() => {
      if (this.busy) this.parts.host.expect(this.store.ledger(open.lab).namespaces);
    });
    session = this.newSession(open);
    return session;
  }

  /** A run whose stream broke; undefined when this agent does not know it (any more). */
  session(run: string): RunSession | undefined {
    return this.sessions.get(run);
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
    const { lab, run, holder, check, waitMs } = request;
    this.store.ledger(lab);
    const other = await this.locks.take(lab, { run, name: holder }, waitMs);
    if (other !== undefined) throw lockedBy(lab, other.name);
    this.active++;
    // Nothing else changes the host while it is compared with what it was.
    const release = await this.changing.take();
    try {
      if (gone()) return;
      yield* destroy(lab, this.store, this.parts.host, check);
      if (!check && this.store.ledger(lab).entries.length === 0) this.store.remove(lab);
    } finally {
      release();
      this.locks.release(lab, run);
      await this.leave();
    }
  }

  /** Cancels all runs and waits for their end. */
  async stop(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.abandon()));
    await this.parts.host.release();
    this.store.close();
  }

  private newSession(open: Open): RunSession {
    const { lab, run } = open;
    const { host } = this.parts;
    // A run may come in several streams, one after the other; what check mode promised holds for all of it.
    const promises = this.sessions.get(run)?.context.promises ?? new Promises();
    const context = { lab, run, host, store: this.store, changing: this.changing, promises };
    const session = new RunSession(context, this.parts.modules, (end) => this.finish(open, end));
    this.sessions.set(run, session);
    this.active++;
    return session;
  }

  private finish(open: Open, end: SessionEnd | undefined): void {
    const { lab, run } = open;
    const { exit, summaryJson } = end ?? { exit: 130, summaryJson: '{"lost":true}' };
    this.store.snapshot(lab).tidy(this.store.ledger(lab));
    this.store.saveLastRun(lab, { run, exit, summaryJson, updatedMs: Date.now() });
    this.locks.release(lab, run);
    const session = this.sessions.get(run);
    setTimeout(() => {
      if (this.sessions.get(run) === session) this.sessions.delete(run);
    }, finishedMs).unref();
    void this.leave();
  }

  /** Coprocesses keep namespaces alive, so the last one out closes them. */
  private async leave(): Promise<void> {
    this.active--;
    if (this.active === 0) await this.parts.host.release();
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
    };
  }
}

function lockedBy(lab: string, holder: string): OrchError {
  return new OrchError({
    code: 'lab-locked',
    summary: `Lab ${lab} is in the hands of ${holder}.`,
    hint: 'Wait until that run has ended (--wait SECONDS queues), or end it.',
  });
}
