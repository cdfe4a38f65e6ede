import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { notKept, replaceFile } from '../disk/kept-file.ts';

const checkpoint = z.lazy(() =>
  z.object({
    lab: z.string(),
    run: z.string(),
    /** Who began the run, for people. */
    holder: z.string(),
    /** How long after the controller's last word the run is taken back. */
    seconds: z.number().min(0),
    /** What touches the controller's way; empty when the controller asked for it. */
    reason: z.string(),
    prepared: z.boolean(),
    /** Milliseconds since the boot, which nobody can set back. */
    deadlineMs: z.int(),
    boot: z.string(),
  }),
);

const settled = z.lazy(() =>
  z.object({ run: z.string(), kept: z.boolean(), reason: z.string(), whenMs: z.int().min(0) }),
);

/** A run that is taken back at a certain time, unless the controller confirms it before. */
export type Checkpoint = Readonly<z.infer<typeof checkpoint>>;

/** How the last run that had to be confirmed ended. */
export type SettledRun = Readonly<z.infer<typeof settled>>;

/** The folder of checkpoints: <lab>.armed while one waits, <lab>.settled once it is over. */
export class CheckpointFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All that wait. */
  armed(): readonly Checkpoint[] {
    let names: readonly string[];
    try {
      names = readdirSync(this.folder).filter((name) => name.endsWith('.armed'));
    } catch {
      // No run has had to be confirmed yet.
      return [];
    }
    // What another lab's file says would be taken back again whenever an agent starts: nobody would take it away.
    const found = names.flatMap((name) => {
      const one = parsed(checkpoint, join(this.folder, name));
      return one !== undefined && one.lab !== '' && this.path(one.lab, '.armed') === join(this.folder, name)
        ? [one]
        : [];
    });
    // An agent that died right after it had written how the run ended.
    const over = found.filter(({ lab, run }) => this.settled(lab)?.run === run);
    for (const { lab } of over) rmSync(this.path(lab, '.armed'), { force: true });
    return found.filter((one) => !over.includes(one));
  }

  settled(lab: string): SettledRun | undefined {
    return parsed(settled, this.path(lab, '.settled'));
  }

  /** On disk when it returns, where `lasting`; else only safe from the death of this process. Throws OrchError. */
  write(value: Checkpoint, lasting: boolean): void {
    const path = this.path(value.lab, '.armed');
    try {
      replaceFile(path, `${JSON.stringify(value)}\n`, lasting);
    } catch (cause) {
      throw notKept('checkpoint', path, cause);
    }
  }

  /** The run no longer waits. On a full disk nobody will know why. */
  settle(lab: string, value: SettledRun): void {
    try {
      replaceFile(this.path(lab, '.settled'), `${JSON.stringify(value)}\n`, true);
    } catch {
      this.forget(lab);
    }
    rmSync(this.path(lab, '.armed'), { force: true });
  }

  /** Drops what is remembered of a lab that owns nothing any more. */
  forget(lab: string): void {
    rmSync(this.path(lab, '.settled'), { force: true });
  }

  private path(lab: string, ending: string): string {
    return join(this.folder, `${encodeURIComponent(lab).replace(/^\./, '%2E')}${ending}`);
  }
}

function parsed<T>(schema: z.ZodType<T>, path: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Milliseconds since the boot: a clock that nobody can set, and that the watchdog can read, too. */
export function uptimeMs(): number {
  return Math.round(Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000);
}
