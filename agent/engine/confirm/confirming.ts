import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import {
  type Checkpoint as CheckpointStatus,
  type ConfirmRequest,
  type ConfirmResponse,
  ConfirmRequest_Phase as Phase,
  ConfirmResponse_State as State,
} from '../../../proto/gen/orch/v1/agent.ts';
import type { UndoneRun } from '../undo/undo-run.ts';
import { type Checkpoint, CheckpointFiles, type SettledRun, uptimeMs } from './checkpoint.ts';

export interface ConfirmingParts {
  readonly folder: string;
  readonly boot: string;
  /** The lab's run has to be taken back now. Never rejects. */
  readonly takeBack: (checkpoint: Checkpoint, reason: string) => Promise<UndoneRun>;
  /** A run was armed: somebody should see to it that it ends, whatever becomes of this process. */
  readonly onArmed: () => void;
  /** The lab is free again. */
  readonly onSettled: (checkpoint: Checkpoint) => void;
  /** True while tasks of the run are not over. */
  readonly atWork: (run: string) => boolean;
}

/** A rollback of which a part failed is tried again: what it stumbled over may have been passing. */
const tries = 3;
const pauseMs = 500;

interface Waiting {
  checkpoint: Checkpoint;
  timer: NodeJS.Timeout | undefined;
  /** Set once it is being taken back. */
  ending: Promise<UndoneRun> | undefined;
}

/**
 * Runs that are taken back at a certain time unless they are confirmed before. At most one a lab. A checkpoint is on
 * disk: whoever serves here next finds it. Both phases of the confirmation are heard here; only the second one ends the
 * waiting, so a controller that is lost between them leaves nothing kept.
 */
export class Confirming {
  private readonly parts: ConfirmingParts;
  private readonly files: CheckpointFiles;
  private readonly waiting = new Map<string, Waiting>();

  constructor(parts: ConfirmingParts) {
    this.parts = parts;
    this.files = new CheckpointFiles(parts.folder);
  }

  /** Finds what an agent before this one left; its time stands still until `resume`. */
  load(): readonly Checkpoint[] {
    return this.files.armed().map((stored) => {
      // The next boot begins its clock anew; what was armed before it is overdue.
      const checkpoint = stored.boot === this.parts.boot ? stored : { ...stored, deadlineMs: 0 };
      this.waiting.set(checkpoint.lab, { checkpoint, timer: undefined, ending: undefined });
      return checkpoint;
    });
  }

  /** Sees to what was loaded, once this is the agent that serves. */
  resume(): void {
    for (const waiting of this.waiting.values()) this.setTimer(waiting);
    if (this.waiting.size > 0) this.parts.onArmed();
  }

  get pending(): boolean {
    return this.waiting.size > 0;
  }

  /** True while this run of the lab waits for its confirmation, or is being taken back. */
  holds(lab: string, run: string): boolean {
    return this.waiting.get(lab)?.checkpoint.run === run;
  }

  status(lab: string): CheckpointStatus | undefined {
    const found = this.waiting.get(lab)?.checkpoint;
    return found && { run: found.run, prepared: found.prepared, reason: found.reason, remainingMs: remaining(found) };
  }

  settled(lab: string): SettledRun | undefined {
    return this.files.settled(lab);
  }

  /** Begins the time of a run; on disk when it returns. A run that waits already goes on as it is. */
  arm(wanted: Pick<Checkpoint, 'lab' | 'run' | 'holder' | 'seconds' | 'reason'>): void {
    if (this.waiting.has(wanted.lab)) return;
    const checkpoint = { ...wanted, prepared: false, boot: this.parts.boot, deadlineMs: deadline(wanted.seconds) };
    this.files.write(checkpoint, true);
    const waiting: Waiting = { checkpoint, timer: undefined, ending: undefined };
    this.waiting.set(checkpoint.lab, waiting);
    this.setTimer(waiting);
    this.parts.onArmed();
  }

  /** The time of a run begins anew. */
  extend(lab: string, run: string): void {
    try {
      this.renew(lab, run, false);
    } catch (error) {
      // A full disk: the time began anew here, if not for an agent after this one.
      if (!(error instanceof OrchError)) throw error;
    }
  }

  async confirm({ lab, run, phase }: ConfirmRequest): Promise<ConfirmResponse> {
    await this.waiting.get(lab)?.ending;
    const found = this.waiting.get(lab);
    if (found?.checkpoint.run !== run) return this.verdictOn(lab, run);
    if (this.parts.atWork(run)) return answer(State.BUSY, found.checkpoint, 'its tasks have not ended here');
    if (phase === Phase.PREPARE) {
      this.renew(lab, run, true);
      return answer(State.READY, found.checkpoint, found.checkpoint.reason);
    }
    if (phase === Phase.COMMIT && found.checkpoint.prepared) {
      this.settle(found, { run, kept: true, reason: '', whenMs: Date.now() });
      return answer(State.KEPT, found.checkpoint, '');
    }
    return answer(State.READY, found.checkpoint, 'it was not asked before whether it can keep the run');
  }

  /** Takes a run back now. Resolves once it is, also when its time was over already; undefined: it does not wait here. */
  async takeBack(lab: string, run: string, reason: string): Promise<UndoneRun | undefined> {
    const found = this.waiting.get(lab);
    if (found?.checkpoint.run !== run) return undefined;
    clearTimeout(found.timer);
    found.ending ??= this.undo(found, reason);
    return found.ending;
  }

  /** Takes back all that waits: nobody would do it later. */
  async end(): Promise<void> {
    const all = [...this.waiting.values()].map(({ checkpoint: { lab, run } }) =>
      this.takeBack(lab, run, 'the agent was told to end before the run was confirmed'),
    );
    await Promise.all(all);
  }

  forget(lab: string): void {
    this.files.forget(lab);
  }

  private setTimer(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    const { lab, run, seconds } = waiting.checkpoint;
    const reason = `it was not confirmed within ${seconds} s`;
    waiting.timer = setTimeout(() => void this.takeBack(lab, run, reason), remaining(waiting.checkpoint));
  }

  private renew(lab: string, run: string, prepared: boolean): void {
    const found = this.waiting.get(lab);
    if (found?.checkpoint.run !== run || found.ending !== undefined) return;
    found.checkpoint = { ...found.checkpoint, prepared, deadlineMs: deadline(found.checkpoint.seconds) };
    this.setTimer(found);
    this.files.write(found.checkpoint, prepared);
  }

  private async undo(waiting: Waiting, why: string): Promise<UndoneRun> {
    const { takeBack } = this.parts;
    let undone = await takeBack(waiting.checkpoint, why);
    const changes = [...undone.changes];
    for (let attempt = 1; attempt < tries && undone.failed.length > 0; attempt++) {
      await sleep(pauseMs);
      undone = await takeBack(waiting.checkpoint, why);
      changes.push(...undone.changes);
    }
    const { failed } = undone;
    const reason = failed.length === 0 ? why : `${why}; these could not be taken back: ${failed.join('; ')}`;
    this.settle(waiting, { run: waiting.checkpoint.run, kept: false, reason, whenMs: Date.now() });
    return { changes, failed };
  }

  private settle(waiting: Waiting, value: SettledRun): void {
    clearTimeout(waiting.timer);
    const { lab } = waiting.checkpoint;
    this.files.settle(lab, value);
    this.waiting.delete(lab);
    this.parts.onSettled(waiting.checkpoint);
  }

  private verdictOn(lab: string, run: string): ConfirmResponse {
    const last = this.files.settled(lab);
    if (last?.run !== run) return { state: State.NONE, remainingMs: 0, reason: '' };
    return { state: last.kept ? State.KEPT : State.TAKEN_BACK, remainingMs: 0, reason: last.reason };
  }
}

function answer(state: State, checkpoint: Checkpoint, reason: string): ConfirmResponse {
  return { state, remainingMs: remaining(checkpoint), reason };
}

function deadline(seconds: number): number {
  return uptimeMs() + Math.round(seconds * 1000);
}

function remaining({ deadlineMs }: Checkpoint): number {
  return Math.max(0, Math.min(deadlineMs - uptimeMs(), 2 ** 31 - 1));
}
