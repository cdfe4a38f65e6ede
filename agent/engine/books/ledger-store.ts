import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import type { Action } from '../../linux/action.ts';
import { Snapshot } from '../snapshot/snapshot.ts';
import { KeptPlan } from './kept-plan.ts';
import { Ledger } from './ledger.ts';
import type { PersistentWishes } from './persistent-wishes.ts';

const lastRun = z.lazy(() =>
  z.object({
    run: z.string(),
    exit: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
    summaryJson: z.string(),
    updatedMs: z.int().min(0),
  }),
);

/** How a lab's last run on this host went. */
export type LastRun = Readonly<z.infer<typeof lastRun>>;

/**
 * All labs that this host knows, in one folder: <lab>.ndjson is the ledger, <lab>.snapshot how the host was before it,
 * <lab>.last.json the last run, <lab>.plan what brings it back after the host was started anew.
 */
export class LedgerStore {
  private readonly folder: string;
  private readonly boot: string;
  private readonly ledgers = new Map<string, Ledger>();
  private readonly plans = new Map<string, KeptPlan>();
  private readonly snapshots = new Map<string, Snapshot>();
  private isAllRead = false;

  constructor(folder: string, boot: string) {
    this.folder = folder;
    this.boot = boot;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const lab of this.named('.ndjson')) this.isReadable(lab);
  }

  /** The lab's ledger, empty when it owns nothing yet. Throws OrchError for a name that no file can have. */
  ledger(lab: string): Ledger {
    const known = this.ledgers.get(lab) ?? new Ledger(lab, this.path(lab, '.ndjson'), this.boot);
    this.ledgers.set(lab, known);
    return known;
  }

  /** How the host was before the lab. */
  snapshot(lab: string): Snapshot {
    const known = this.snapshots.get(lab) ?? new Snapshot(this.path(lab, '.snapshot'), this.boot);
    this.snapshots.set(lab, known);
    return known;
  }

  /** Labs whose undo was begun, and is not over. */
  brokenOff(): readonly string[] {
    // Those of an agent before this one are read once.
    if (!this.isAllRead) this.remembered('');
    this.isAllRead = true;
    return [...this.snapshots].flatMap(([lab, { undoing }]) => (undoing ? lab : []));
  }

  /** All is as it was before the lab, or there is nothing more that could be done about it. */
  removeSnapshot(lab: string): void {
    this.snapshot(lab).remove();
    this.snapshots.delete(lab);
  }

  /** What brings the lab back after the host was started anew. */
  plan(lab: string): KeptPlan {
    const known = this.plans.get(lab) ?? new KeptPlan(this.path(lab, '.plan'), this.boot);
    this.plans.set(lab, known);
    return known;
  }

  /** Labs that are to be brought back whenever the host is started anew. */
  planned(): readonly string[] {
    return this.named('.plan').filter((lab) => this.plan(lab).tasks.length > 0);
  }

  /** Keys of what is to be brought back and came about by the lab. */
  ownedWishes(lab: string): ReadonlySet<string> {
    const ledger = this.ledger(lab);
    const owned = this.plan(lab).tasks.filter(({ objects }) => objects.some((object) => ledger.owns(object)));
    return new Set(owned.map(({ key }) => key));
  }

  /** Keeps what a run wishes to be brought back. Best effort, as for the last run: the run itself went well. */
  keep(lab: string, run: string, { tasks, owned }: Pick<PersistentWishes, 'tasks' | 'owned'>): void {
    const still = this.ownedWishes(lab);
    const gone = new Set([...owned].filter((key) => !still.has(key)));
    if (tasks.length + gone.size === 0) return;
    try {
      this.plan(lab).add(run, tasks, gone);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
    }
  }

  removePlan(lab: string): void {
    this.plan(lab).remove();
    this.plans.delete(lab);
  }

  /** Ledgers of the other labs that own or wish something here. */
  others(lab: string): readonly Ledger[] {
    return [...this.ledgers.values()].filter((ledger) => ledger.lab !== lab && !ledger.empty);
  }

  /** How the host was before each of the other labs, and what takes back what they did; one whose first step failed owns nothing. */
  remembered(lab: string): readonly { readonly snapshot: Snapshot; readonly inverses: readonly Action[] }[] {
    const names = this.named('.snapshot').filter((name) => name !== lab && this.isReadable(name));
    return names.map((name) => ({
      snapshot: this.snapshot(name),
      inverses: this.ledger(name)
        .entries.toReversed()
        .flatMap(({ undo }) => undo),
    }));
  }

  /** The ledger of a lab that was not destroyed. */
  living(lab: string): Ledger | undefined {
    const ledger = this.ledger(lab);
    return ledger.empty && this.lastRun(lab) === undefined ? undefined : ledger;
  }

  /** Names of labs that own something here or ran here, sorted. */
  labs(): readonly string[] {
    const owning = [...this.ledgers.values()].filter((ledger) => ledger.objects.length > 0).map((ledger) => ledger.lab);
    const names = new Set([...owning, ...this.named('.last.json'), ...this.planned()]);
    return [...names].filter((lab) => this.isReadable(lab)).sort();
  }

  /** A ledger that is not one is said to whoever wants its lab, and keeps nobody else from theirs. */
  private isReadable(lab: string): boolean {
    try {
      return this.ledger(lab) !== undefined;
    } catch (error) {
      if (error instanceof OrchError) return false;
      throw error;
    }
  }

  lastRun(lab: string): LastRun | undefined {
    try {
      return lastRun.safeParse(JSON.parse(readFileSync(this.path(lab, '.last.json'), 'utf8'))).data;
    } catch {
      return undefined;
    }
  }

  /** Best effort: a full disk must not turn a good run into a bad one. */
  saveLastRun(lab: string, last: LastRun): void {
    const path = this.path(lab, '.last.json');
    try {
      writeFileSync(`${path}.new`, JSON.stringify(last), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      rmSync(`${path}.new`, { force: true });
    }
  }

  /** The lab owns nothing here any more. */
  remove(lab: string): void {
    this.ledger(lab).remove();
    this.ledgers.delete(lab);
    rmSync(this.path(lab, '.last.json'), { force: true });
  }

  close(): void {
    for (const kept of [...this.ledgers.values(), ...this.snapshots.values()]) kept.close();
  }

  /** Labs that have a file of this ending; files that this agent did not name are not looked at. */
  private named(ending: string): readonly string[] {
    const names = readdirSync(this.folder).filter((name) => name.endsWith(ending));
    return names.map((name) => name.slice(0, -ending.length)).flatMap((name) => decoded(name) ?? []);
  }

  private path(lab: string, ending: string): string {
    const name = encoded(lab);
    if (name === '' || name.length > 200) {
      throw new OrchError({
        code: 'invalid-parameter',
        summary: `${JSON.stringify(lab.slice(0, 80))} cannot be the name of a lab: it is empty or too long.`,
      });
    }
    return join(this.folder, `${name}${ending}`);
  }
}

/** A lab's name as a file's name. */
function encoded(lab: string): string {
  return encodeURIComponent(lab).replace(/^\./, '%2E');
}

function decoded(name: string): string | undefined {
  try {
    const lab = decodeURIComponent(name);
    return encoded(lab) === name ? lab : undefined;
  } catch {
    return undefined;
  }
}
