import { OrchError } from '../../proto/errors.ts';
import type { Guard } from './guard.ts';
import { type LedgerEntry, lost } from './ledger-entry.ts';
import { LedgerFile } from './ledger-file.ts';
import { type LedgerRecord, parseRecord } from './ledger-record.ts';

/** Entries in an append-only file, and which of them still hold: what ledgers and journals have in common. */
export class EntryLog {
  /** Lines that could not be read when the file was opened: something got at it. */
  readonly damaged: number;
  private readonly lab: string;
  private readonly file: LedgerFile<LedgerRecord>;
  private readonly live = new Map<number, LedgerEntry>();
  /** Oldest first, until the next change. */
  private sorted: readonly LedgerEntry[] | undefined;
  private free = 1;
  private written: number;

  /** `boot`: the running kernel's boot id; what another kernel held is gone with it. Throws OrchError. */
  constructor({ lab, path, boot }: { readonly lab: string; readonly path: string; readonly boot: string }) {
    this.lab = lab;
    this.file = new LedgerFile(path, parseRecord);
    const { records, damaged } = this.file.read();
    this.damaged = damaged;
    this.written = records.length;
    for (const record of records) this.fold(record);
    for (const entry of this.live.values()) if (lost(entry, boot)) this.live.delete(entry.seq);
  }

  /** Oldest first. */
  get entries(): readonly LedgerEntry[] {
    this.sorted ??= [...this.live.values()].sort((a, b) => a.seq - b.seq);
    return this.sorted;
  }

  /** How many entries still hold. */
  get size(): number {
    return this.live.size;
  }

  /** How many lines the file has. */
  get lines(): number {
    return this.written;
  }

  /** The number of the next entry. */
  get nextSeq(): number {
    return this.free;
  }

  /** Writes entries down; on disk when it resolves. One flush for all of them. */
  async add(entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length === 0) return;
    this.write([...(this.written === 0 ? [this.header] : []), ...entries.map(recordOf)]);
    await this.file.sync();
  }

  /** The step was carried out. An entry that stays 'intended' is undone just as well: no step is failed for its mark. */
  done(seq: number, guard: Guard | undefined): void {
    this.mark({ r: 'done', seq, guard });
  }

  /** These no longer hold. Throws OrchError when that can't be written down. */
  drop(seqs: readonly number[]): void {
    this.write([{ r: 'drop', seqs }]);
  }

  /** As drop, but only remembered on a full disk: an inverse that is carried out once more finds nothing to undo. */
  forget(seqs: readonly number[]): void {
    this.mark({ r: 'drop', seqs });
  }

  /** Holds exactly these from now on, in a file without dead lines. */
  rewrite(entries: readonly LedgerEntry[]): void {
    const records = [this.header, ...entries.map(recordOf)];
    this.live.clear();
    for (const record of records) this.fold(record);
    this.file.rewrite(records);
    this.written = records.length;
  }

  remove(): void {
    this.live.clear();
    this.sorted = undefined;
    this.written = 0;
    this.file.remove();
  }

  close(): void {
    this.file.close();
  }

  private get header(): LedgerRecord {
    return { r: 'lab', name: this.lab };
  }

  private write(records: readonly LedgerRecord[]): void {
    this.file.append(records);
    this.written += records.length;
    for (const record of records) this.fold(record);
  }

  private mark(record: LedgerRecord): void {
    try {
      this.write([record]);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      this.fold(record);
    }
  }

  private fold(record: LedgerRecord): void {
    this.sorted = undefined;
    switch (record.r) {
      case 'lab':
        if (record.name !== this.lab) throw foreign(this.file.path, record.name);
        break;
      case 'entry':
        this.live.set(record.entry.seq, record.entry);
        this.free = Math.max(this.free, record.entry.seq + 1);
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

function recordOf(entry: LedgerEntry): LedgerRecord {
  return { r: 'entry', entry };
}

function foreign(path: string, name: string): OrchError {
  return new OrchError({ code: 'ledger-failed', summary: `${path} is the ledger of another lab, ${name}.` });
}
