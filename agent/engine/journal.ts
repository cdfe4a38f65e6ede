import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import type { Step } from '../modules/module.ts';
import { type Guard, plannedGuard } from './guard.ts';
import { lost } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { LedgerFile } from './ledger-file.ts';
import { type LedgerRecord, parseRecord } from './ledger-record.ts';

export interface JournalPlace {
  readonly lab: string;
  readonly run: string;
  /** Without an ending: PATH.ndjson has the steps, PATH.before what the lab owned before them. */
  readonly path: string;
  /** The running kernel's boot id. */
  readonly boot: string;
}

/**
 * All that one run changed on this host, step by step, each with what takes it back: on disk before the step is carried
 * out. The ledger leads back to the host without the lab; this, to the host before the run.
 */
export class Journal {
  readonly run: string;
  private readonly place: JournalPlace;
  private readonly file: LedgerFile<LedgerRecord>;
  private readonly beforeFile: LedgerFile<LedgerRecord>;
  private readonly live = new Map<number, LedgerEntry>();
  private nextSeq = 1;
  private begun: boolean;

  constructor(place: JournalPlace) {
    this.run = place.run;
    this.place = place;
    this.file = new LedgerFile(`${place.path}.ndjson`, parseRecord);
    this.beforeFile = new LedgerFile(`${place.path}.before`, parseRecord);
    const { records } = this.file.read();
    this.begun = records.length > 0;
    for (const record of records) this.fold(record);
    for (const entry of this.live.values()) if (lost(entry, place.boot)) this.live.delete(entry.seq);
  }

  /** Oldest first. */
  get entries(): readonly LedgerEntry[] {
    return [...this.live.values()].sort((a, b) => a.seq - b.seq);
  }

  /** What the lab owned before this run. */
  get before(): readonly LedgerEntry[] {
    const entries = this.beforeFile.read().records.flatMap((record) => (record.r === 'entry' ? [record.entry] : []));
    return entries.filter((entry) => !lost(entry, this.place.boot));
  }

  /** Writes down what the steps of one plan will do; on disk when it resolves. `owned`: by the lab, as yet. */
  async intend(steps: readonly Step[], owned: readonly LedgerEntry[]): Promise<readonly (LedgerEntry | undefined)[]> {
    const { lab, run, boot } = this.place;
    const entries = steps.map((step): LedgerEntry | undefined => {
      if (step.undo.length === 0 && !step.removes) return undefined;
      return {
        seq: this.nextSeq++,
        run,
        object: step.object,
        part: step.part,
        undo: step.undo,
        removes: step.removes ?? false,
        guard: plannedGuard(step.action),
        state: 'intended',
        boot,
      };
    });
    const written = entries.flatMap((entry): LedgerRecord[] => (entry === undefined ? [] : [{ r: 'entry', entry }]));
    if (written.length === 0) return entries;
    if (!this.begun) {
      mkdirSync(dirname(this.file.path), { recursive: true, mode: 0o700 });
      const header: LedgerRecord = { r: 'lab', name: lab };
      this.beforeFile.rewrite([header, ...owned.map((entry): LedgerRecord => ({ r: 'entry', entry }))]);
      written.unshift(header);
      this.begun = true;
    }
    this.write(written);
    await this.file.sync();
    return entries;
  }

  /** The step was carried out. */
  done(entry: LedgerEntry | undefined, guard: Guard | undefined): void {
    if (entry !== undefined) this.mark({ r: 'done', seq: entry.seq, guard });
  }

  /** These steps were not carried out after all, or have been taken back. */
  forget(entries: readonly (LedgerEntry | undefined)[]): void {
    const seqs = entries.flatMap((entry) => entry?.seq ?? []);
    if (seqs.length > 0) this.mark({ r: 'drop', seqs });
  }

  remove(): void {
    this.live.clear();
    this.begun = false;
    this.file.remove();
    this.beforeFile.remove();
  }

  close(): void {
    this.file.close();
    this.beforeFile.close();
  }

  /** On a full disk only remembered: an inverse that is carried out once more finds nothing to undo. */
  private mark(record: LedgerRecord): void {
    try {
      this.write([record]);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      this.fold(record);
    }
  }

  private write(records: readonly LedgerRecord[]): void {
    this.file.append(records);
    for (const record of records) this.fold(record);
  }

  private fold(record: LedgerRecord): void {
    switch (record.r) {
      case 'lab':
        break;
      case 'entry':
        this.live.set(record.entry.seq, record.entry);
        this.nextSeq = Math.max(this.nextSeq, record.entry.seq + 1);
        break;
      case 'done': {
        const entry = this.live.get(record.seq);
        if (entry !== undefined) this.live.set(record.seq, { ...entry, state: 'done', guard: record.guard });
        break;
      }
      case 'drop':
        for (const seq of record.seqs) this.live.delete(seq);
        break;
    }
  }
}
