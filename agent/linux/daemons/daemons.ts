import { OrchError } from '../../../proto/errors.ts';
import type { Program } from '../programs/program.ts';
import { Daemon, type DaemonParts } from './daemon.ts';
import { DaemonLog } from './log.ts';
import { allProcesses, markOf } from './processes.ts';
import { DaemonFolder } from './record.ts';
import type { DaemonSpec, DaemonState } from './spec.ts';

const lookMs = 500;

export interface DaemonsParts {
  /** Folder of records and logs. */
  readonly folder: string;
  /** Boot id of the running kernel. */
  readonly boot: string;
  readonly program: (spec: DaemonSpec) => Promise<Program>;
}

/**
 * The supervised processes of this host. The agent is their supervisor: it does not leave while there are any, and they
 * hold nothing of it (own session, output straight to a file), so that they outlive it when it is killed or replaced, and
 * the next one takes them over by number, start time and mark.
 */
export class Daemons {
  private readonly parts: DaemonsParts;
  private readonly folder: DaemonFolder;
  private readonly all = new Map<string, Daemon>();
  /** Work on one daemon follows each other. */
  private readonly turns = new Map<string, Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: DaemonsParts) {
    this.parts = parts;
    this.folder = new DaemonFolder(parts.folder);
  }

  /** True while one runs, or will be started again. */
  get busy(): boolean {
    return [...this.all.values()].some(({ live }) => live);
  }

  /** Takes over what a former agent left. What ran before the host was started anew is forgotten. */
  adopt(): void {
    const records = this.folder.load();
    if (records.length === 0) return;
    const leaders = allProcesses().filter(({ pid, session }) => pid === session);
    const marked = new Map(leaders.map(({ pid }) => [markOf(pid), pid]));
    for (const record of records) {
      const { spec, boot, mark } = record;
      const parts = this.partsFor(spec);
      if (boot === this.parts.boot) this.keep(spec, Daemon.adopt(parts, record, marked.get(mark)));
      else {
        parts.log.remove();
        this.folder.remove(spec.name, spec.netns);
      }
    }
  }

  /** All, by namespace and name. */
  states(): DaemonState[] {
    return [...this.all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { state }]) => state);
  }

  state(name: string, netns: string | undefined): DaemonState | undefined {
    return this.all.get(keyOf(name, netns))?.state;
  }

  log(name: string, netns: string | undefined): DaemonLog | undefined {
    return this.all.get(keyOf(name, netns))?.log;
  }

  /** Defines a daemon anew and starts it, or leaves it stopped. Errors as Daemon.start. */
  set(spec: DaemonSpec, run: boolean, signal?: AbortSignal): Promise<void> {
    return this.inTurn(keyOf(spec.name, spec.netns), async () => {
      await this.all.get(keyOf(spec.name, spec.netns))?.stop();
      const daemon = Daemon.define(this.partsFor(spec), spec);
      this.keep(spec, daemon);
      if (run) await daemon.start(signal);
    });
  }

  /** Throws OrchError 'missing-object' when there is none of this name. */
  remove(name: string, netns: string | undefined): Promise<void> {
    const key = keyOf(name, netns);
    return this.inTurn(key, async () => {
      const daemon = this.all.get(key);
      if (daemon === undefined) throw new OrchError({ code: 'missing-object', summary: `There is no daemon ${key}.` });
      await daemon.remove();
      this.all.delete(key);
    });
  }

  /** Removes those in a namespace that is about to go: processes would keep it alive without a name. */
  async removeIn(netns: string): Promise<void> {
    const inside = this.states().filter(({ spec }) => spec.netns === netns);
    await Promise.all(inside.map(({ spec }) => this.remove(spec.name, netns)));
  }

  /** The agent goes; the processes stay. */
  leave(): void {
    clearInterval(this.timer);
    for (const daemon of this.all.values()) daemon.leave();
  }

  private keep(spec: DaemonSpec, daemon: Daemon): void {
    this.all.set(keyOf(spec.name, spec.netns), daemon);
    this.timer ??= setInterval(() => this.look(), lookMs).unref();
  }

  private look(): void {
    for (const daemon of this.all.values()) daemon.look();
    if (this.all.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private partsFor(spec: DaemonSpec): DaemonParts {
    const { name, netns, logLimit } = spec;
    const { folder } = this;
    const { boot, program } = this.parts;
    // One object for as long as there is a daemon: its readers count by it.
    const log = this.log(name, netns) ?? new DaemonLog(folder.logPath(name, netns));
    log.limit = logLimit;
    return { folder, log, boot, program };
  }

  private async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(key);
    const turn = (before ?? Promise.resolve()).then(work, work);
    this.turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === turn) this.turns.delete(key);
    }
  }
}

/** As endpoints are written: "ns01/web", or "web" in the host's own namespace. */
function keyOf(name: string, netns: string | undefined): string {
  return netns === undefined ? name : `${netns}/${name}`;
}
