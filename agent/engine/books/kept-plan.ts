import { readFileSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import { replaceFile } from '../disk/kept-file.ts';

const task = z.lazy(() =>
  z.object({
    /** What it is about and what it says of that: a later task with the same key takes its place. */
    key: z.string(),
    module: z.string(),
    paramsJson: z.string(),
    runAs: z.string(),
    environment: z.record(z.string(), z.string()),
    where: z.string(),
    cwd: z.string().default(''),
    noLog: z.boolean(),
    objects: z.array(z.string()).default([]),
    /** The same number for those that one run wished: what is exact counts these and later ones. */
    part: z.int().min(0).default(0),
  }),
);

const count = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const restored = z.lazy(() =>
  z.object({
    run: z.string(),
    whenMs: z.int().min(0),
    ok: count,
    changed: count,
    /** What could not be brought back, and why. */
    failed: z.array(z.string()),
  }),
);

const content = z.lazy(() =>
  z.object({
    /** The kernel that has the lab. */
    boot: z.string(),
    /** What was kept after each of the last runs that changed it, oldest first. */
    versions: z.array(z.object({ run: z.string(), tasks: z.array(task) })),
    /** How the lab was brought back when this kernel was started. */
    restored: restored.optional(),
  }),
);

/** A task that is carried out again after the host was started anew. */
export type KeptTask = Readonly<z.infer<typeof task>>;
/** One that a run wishes. */
export type Wished = Omit<KeptTask, 'part'>;
/** What came of carrying a lab's tasks out again. */
export type Restored = Readonly<z.infer<typeof restored>>;
type Content = z.infer<typeof content>;

/** Runs that can be taken back, as the journals have it: what was kept before them is known too. */
const keptRuns = 10;

/**
 * The tasks that bring a lab back after the host was started anew: those of its plays with `persist`, in the order in which
 * they were wished last. In a file that only root can read, because parameters may hold secrets.
 */
export class KeptPlan {
  private readonly path: string;
  private readonly boot: string;
  private kept: Content | undefined;

  /** `boot`: the running kernel's boot id. */
  constructor(path: string, boot: string) {
    this.path = path;
    this.boot = boot;
    this.kept = read(path);
  }

  get tasks(): readonly KeptTask[] {
    return this.kept?.versions.at(-1)?.tasks ?? [];
  }

  /** The host was started anew, and the lab has not been brought back yet. */
  get due(): boolean {
    return this.kept !== undefined && this.kept.boot !== this.boot && this.tasks.length > 0;
  }

  /** How the lab was brought back in the life of this kernel. */
  get restored(): Restored | undefined {
    return this.kept?.boot === this.boot ? this.kept.restored : undefined;
  }

  /**
   * A run has wished these tasks, in this order, and has taken away what those called `gone` were about. Written when that is
   * news. Throws OrchError 'ledger-failed'.
   */
  add(run: string, wished: readonly Wished[], gone: ReadonlySet<string>): void {
    const again = new Set(wished.map(({ key }) => key));
    // What this run did not wish stays behind what it was wished behind: it may need that.
    const first: KeptTask[] = [];
    const behind = new Map<string, KeptTask[]>();
    let [last, part] = [first, 1];
    for (const task of this.tasks) {
      if (again.has(task.key)) {
        last = [];
        behind.set(task.key, last);
      } else if (!gone.has(task.key)) {
        last.push(task);
        part = Math.max(part, task.part + 1);
      }
    }
    const tasks = [...first, ...wished.flatMap((one) => [{ ...one, part }, ...(behind.get(one.key) ?? [])])];
    if (isDeepStrictEqual(tasks, this.tasks)) return;
    const versions = [...(this.kept?.versions ?? []), { run, tasks }].slice(-keptRuns - 1);
    // A lab that is still to be brought back stays so: this run may have been one of its steps.
    this.write({ ...this.kept, boot: this.kept?.boot ?? this.boot, versions });
  }

  /** Runs were taken back: what is kept is what was before the first of them. */
  forget(runs: readonly string[]): void {
    if (this.kept === undefined) return;
    const versions = this.kept.versions.filter(({ run }) => !runs.includes(run));
    if (versions.length === this.kept.versions.length) return;
    if (versions.length === 0) this.remove();
    else this.write({ ...this.kept, versions });
  }

  /** The lab was brought back, as far as it could be. */
  settle(outcome: Restored): void {
    if (this.kept !== undefined) this.write({ ...this.kept, boot: this.boot, restored: outcome });
  }

  remove(): void {
    this.kept = undefined;
    rmSync(this.path, { force: true });
  }

  private write(kept: Content): void {
    try {
      replaceFile(this.path, JSON.stringify(kept), true);
    } catch (cause) {
      throw new OrchError({
        code: 'ledger-failed',
        summary: `The tasks for the next start of the host could not be kept: ${cause instanceof Error ? cause.message : String(cause)}.`,
        hint: `Make room or mend permissions for ${this.path} on the host, then run again.`,
        cause,
      });
    }
    this.kept = kept;
  }
}

function read(path: string): Content | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Nothing of this lab is kept.
    return undefined;
  }
  try {
    return content.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
