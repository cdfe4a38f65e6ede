import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { Journal } from './journal.ts';

/** Runs of a lab that can be taken back; what older ones changed is only known to the ledger, as a whole. */
const keptRuns = 10;

/** The journals of all labs: <folder>/<lab>/<number>~<run>.ndjson, numbered in the order of the runs. */
export class JournalStore {
  private readonly folder: string;
  private readonly boot: string;
  private readonly labs = new Map<string, { next: number; readonly journals: Journal[] }>();

  constructor(folder: string, boot: string) {
    this.folder = folder;
    this.boot = boot;
  }

  /** The journal of one run; on disk once the run changes something. */
  journal(lab: string, run: string): Journal {
    const known = this.known(lab);
    const present = known.journals.find((journal) => journal.run === run);
    if (present !== undefined) return present;
    const fresh = this.make(lab, `${String(known.next++).padStart(6, '0')}~${encodeURIComponent(run)}`, run);
    known.journals.push(fresh);
    return fresh;
  }

  /** Runs of a lab that changed something, oldest first. */
  runs(lab: string): readonly Journal[] {
    return this.known(lab).journals.filter((journal) => journal.entries.length > 0);
  }

  /** Drops what no longer counts: runs without changes, and the oldest of too many. */
  tidy(lab: string): void {
    const known = this.known(lab);
    const kept = new Set(this.runs(lab).slice(-keptRuns));
    for (const journal of known.journals) if (!kept.has(journal)) journal.remove();
    known.journals.splice(0, known.journals.length, ...kept);
    if (kept.size === 0) this.removeFolder(lab);
  }

  /** The lab owns nothing here any more: there is nothing to go back to. */
  remove(lab: string): void {
    for (const journal of this.known(lab).journals) journal.close();
    this.labs.delete(lab);
    rmSync(this.path(lab), { recursive: true, force: true });
    this.removeFolder(lab);
  }

  close(): void {
    for (const { journals } of this.labs.values()) for (const journal of journals) journal.close();
  }

  private known(lab: string): { next: number; readonly journals: Journal[] } {
    const present = this.labs.get(lab);
    if (present !== undefined) return present;
    const names = this.stored(lab);
    const journals = names.flatMap((name) => this.found(lab, name) ?? []);
    const loaded = { next: Number(names.at(-1)?.split('~')[0] ?? 0) + 1, journals };
    this.labs.set(lab, loaded);
    return loaded;
  }

  /** A file that no agent wrote is no journal. */
  private found(lab: string, name: string): Journal | undefined {
    try {
      return this.make(lab, name, decodeURIComponent(name.slice(name.indexOf('~') + 1)));
    } catch (error) {
      if (error instanceof OrchError || error instanceof URIError) return undefined;
      throw error;
    }
  }

  private make(lab: string, name: string, run: string): Journal {
    return new Journal({ lab, run, path: join(this.path(lab), name), boot: this.boot });
  }

  /** Names of journals on disk, oldest first, without their ending. */
  private stored(lab: string): readonly string[] {
    try {
      const names = readdirSync(this.path(lab)).filter((name) => /^\d{6,15}~[\w.~%!'()*-]+\.ndjson$/.test(name));
      return names.map((name) => name.slice(0, -'.ndjson'.length)).sort();
    } catch {
      // No run of this lab has changed anything here.
      return [];
    }
  }

  private removeFolder(lab: string): void {
    for (const path of [this.path(lab), this.folder]) {
      try {
        rmdirSync(path);
      } catch {
        // Others have journals here, or there is no such folder.
      }
    }
  }

  private path(lab: string): string {
    return join(this.folder, encodeURIComponent(lab).replace(/^\./, '%2E'));
  }
}
