import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import { launchOf, type Program } from '../programs/program.ts';
import { decide, noRestarts, type Restarts } from './backoff.ts';
import { endProcesses } from './end-processes.ts';
import type { DaemonLog } from './log.ts';
import { markVariable, processStat, runs } from './processes.ts';
import { missingFor, type Start } from './ready.ts';
import type { DaemonFolder, DaemonRecord } from './record.ts';
import type { DaemonSpec, DaemonState } from './spec.ts';

const readyLookMs = 25;
/** How a process ended that orch itself ended. */
const byOrch = 'by orch: ';
/** Lines of the log that an error shows. */
const shownLines = 15;

export interface DaemonParts {
  readonly folder: DaemonFolder;
  readonly log: DaemonLog;
  readonly boot: string;
  /** What the definition comes to on this host. Throws OrchError. */
  readonly program: (spec: DaemonSpec) => Promise<Program>;
}

/** One supervised process. Callers see to it that start, stop and remove do not overlap. */
export class Daemon {
  readonly log: DaemonLog;
  private readonly parts: DaemonParts;
  private record: DaemonRecord;
  private restarts: Restarts = noRestarts;
  private timer: NodeJS.Timeout | undefined;
  /** False for a process of a former agent: nobody tells when that ends. */
  private isChild = false;
  /** Goes up with each start and stop, so that what was under way before knows that it no longer counts. */
  private turn = 0;
  /** The end of what a process left behind. */
  private cleaning: Promise<unknown> = Promise.resolve();

  private constructor(parts: DaemonParts, record: DaemonRecord) {
    this.parts = parts;
    this.log = parts.log;
    this.record = record;
  }

  static define(parts: DaemonParts, spec: DaemonSpec): Daemon {
    const { boot } = parts;
    const record: DaemonRecord = { spec, mark: randomUUID(), boot, phase: 'stopped', restarts: 0, ended: '' };
    parts.folder.save(record);
    return new Daemon(parts, record);
  }

  /** What a former agent left: its process when that runs still, and else what its `restart` says. */
  static adopt(parts: DaemonParts, record: DaemonRecord, marked: number | undefined): Daemon {
    const daemon = new Daemon(parts, record);
    const { phase, pid, startTime } = record;
    if (phase === 'waiting') daemon.startIn(0);
    if (phase !== 'starting' && phase !== 'running') return daemon;
    const known = pid !== undefined && startTime !== undefined && runs(pid, startTime);
    // Killed between a start and its record, the former agent did not write the number down.
    if (!known)
      daemon.note({ pid: marked, startTime: marked === undefined ? undefined : processStat(marked)?.startTime });
    daemon.look();
    return daemon;
  }

  get state(): DaemonState {
    const { spec, phase, pid, startedMs, restarts, ended } = this.record;
    const alive = phase === 'starting' || phase === 'running';
    return { spec, phase, restarts, ended, ...(alive ? { pid, startedMs } : {}) };
  }

  /** True while there is something to watch. */
  get live(): boolean {
    return ['starting', 'running', 'waiting'].includes(this.record.phase);
  }

  /**
   * Starts it and waits until it is ready. Throws OrchError: 'task-failed' when it ends before, or is not ready in time
   * (it is ended then).
   */
  async start(signal?: AbortSignal): Promise<void> {
    await this.end('stopped', '');
    this.restarts = noRestarts;
    this.note({ restarts: 0 });
    const { ready } = this.record.spec;
    const logFrom = this.log.end;
    await this.spawn();
    const deadline = performance.now() + ready.timeout * 1000;
    for (;;) {
      const { phase, mark, pid, startedMs } = this.record;
      if (phase !== 'starting' || pid === undefined || startedMs === undefined) throw this.notStarted();
      const start: Start = { mark, pid, startedMs, logFrom };
      const missing = missingFor(ready, start, this.log);
      if (missing === undefined) return this.note({ phase: 'running' });
      const late = performance.now() > deadline;
      if (late || signal?.aborted) {
        const why = late ? `it was not ready within ${ready.timeout} s: ${missing}` : 'its start was cancelled';
        await this.end('failed', `${byOrch}${why}`);
        throw this.notStarted();
      }
      await sleep(readyLookMs);
    }
  }

  /** Ends its processes, by its stop signal first. Throws OrchError 'command-failed' when they do not end. */
  stop(): Promise<void> {
    return this.end('stopped', '');
  }

  /** Stops it and forgets all about it. */
  async remove(): Promise<void> {
    await this.stop();
    this.log.remove();
    const { name, netns } = this.record.spec;
    this.parts.folder.remove(name, netns);
  }

  /** The agent goes: the process stays, for the next one. */
  leave(): void {
    clearTimeout(this.timer);
  }

  /** To be called now and then: keeps the log short, and notices the end of an adopted process. */
  look(): void {
    attempt(() => this.log.trim());
    const { phase, pid, startTime } = this.record;
    if (this.isChild || (phase !== 'running' && phase !== 'starting')) return;
    if (pid !== undefined && startTime !== undefined && runs(pid, startTime)) return;
    void this.ended('while no agent watched', true);
  }

  private async spawn(): Promise<void> {
    const { turn } = this;
    const { spec, mark } = this.record;
    const { command, args, argv0, cwd, env } = launchOf(await this.parts.program(spec));
    if (turn !== this.turn) return;
    this.note({ phase: 'starting', pid: undefined, startTime: undefined, startedMs: Date.now() });
    const output = this.log.open();
    try {
      const child = spawn(command, args, {
        ...{ argv0, cwd, detached: true, stdio: ['ignore', output, output] },
        env: { ...env, [markVariable]: mark },
      });
      child.on('error', (error) => void this.ended(`could not be started: ${error.message}`, true));
      const { pid } = child;
      if (pid === undefined) return;
      this.isChild = true;
      this.note({ pid, startTime: processStat(pid)?.startTime });
      child.on('exit', (code, signal) => {
        if (this.record.pid === pid)
          void this.ended(signal === null ? `with status ${code}` : `by ${signal}`, code !== 0);
      });
      child.unref();
    } finally {
      closeSync(output);
    }
  }

  /** It ended by itself. What it left behind goes too, before it is started again. */
  private async ended(how: string, failed: boolean): Promise<void> {
    const { turn } = this;
    const { spec, mark, pid, phase, startedMs = 0 } = this.record;
    if (phase !== 'starting' && phase !== 'running') return;
    this.note({ phase: 'failed', pid: undefined, startTime: undefined, ended: how });
    const timeoutMs = spec.stopTimeout * 1000;
    this.cleaning = endProcesses({ mark, leader: pid, signal: 'SIGTERM', timeoutMs }).catch(() => undefined);
    await this.cleaning;
    if (turn !== this.turn) return;
    // Who started it waits, and tells.
    if (phase === 'starting') return this.say(`ended ${how} before it was ready`);
    const next = decide(spec, { failed, upMs: Date.now() - startedMs }, this.restarts, Date.now());
    if (next.do === 'restart') {
      this.restarts = next.restarts;
      this.say(`ended ${how}; it is started again in ${next.delayMs / 1000} s`);
      this.note({ phase: 'waiting' });
      return this.startIn(next.delayMs);
    }
    this.note({ phase: next.do === 'leave' ? 'exited' : 'failed' });
    const often = next.do === 'leave' ? '' : `; it was started again ${this.record.restarts} times and is given up`;
    this.say(`ended ${how}${often}`);
  }

  private startIn(ms: number): void {
    this.timer = setTimeout(() => void this.startAgain(), ms);
  }

  private async startAgain(): Promise<void> {
    const { turn } = this;
    this.note({ restarts: this.record.restarts + 1 });
    try {
      await this.spawn();
      if (turn === this.turn && this.record.phase === 'starting') this.note({ phase: 'running' });
    } catch (error) {
      if (turn !== this.turn) return;
      this.note({ phase: 'running' });
      await this.ended(`before it began: ${error instanceof Error ? error.message : error}`, true);
    }
  }

  private async end(phase: 'stopped' | 'failed', ended: string): Promise<void> {
    this.turn++;
    clearTimeout(this.timer);
    const { spec, mark, pid, startTime } = this.record;
    const leader = pid !== undefined && startTime !== undefined && runs(pid, startTime) ? pid : undefined;
    // Before its end, which is then no reason to start it again.
    this.note({ phase, pid: undefined, startTime: undefined, ended });
    await this.cleaning;
    await endProcesses({ mark, leader, signal: `SIG${spec.stopSignal}`, timeoutMs: spec.stopTimeout * 1000 });
  }

  /** The record on disk is for the next agent: where the disk is full, that still finds the process by its mark. */
  private note(change: Partial<DaemonRecord>): void {
    this.record = { ...this.record, ...change };
    attempt(() => this.parts.folder.save(this.record));
  }

  private say(what: string): void {
    attempt(() => this.log.say(`${this.record.spec.name} ${what}`));
  }

  private notStarted(): OrchError {
    const { spec, ended } = this.record;
    const { name, netns, argv } = spec;
    const why = ended.startsWith(byOrch) ? ended.slice(byOrch.length) : `it ended ${ended}`;
    const lines = this.log.read(this.log.tail(shownLines)).bytes.toString('utf8').trimEnd();
    const byHand = `orch exec HOST${netns === undefined ? '' : `/${netns}`} -- ${argv.join(' ')}`;
    return new OrchError({
      code: 'task-failed',
      summary: `${name} did not start: ${why}.`,
      detail: lines === '' ? 'It wrote nothing.' : lines,
      hint:
        ended === 'with status 0'
          ? 'A daemon must stay in the foreground: give it the option for that.'
          : lines === ''
            ? `Run it by hand: ${byHand}`
            : `These lines are the end of its log; by hand: ${byHand}`,
    });
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // No room on the disk: supervision goes on.
  }
}
