import { isDeepStrictEqual } from 'node:util';
import { OrchError } from '../../../proto/errors.ts';
import { LedgerFile } from '../disk/ledger-file.ts';
import type { Along } from '../losses/written-along.ts';
import type { Guard } from '../steps/guard.ts';
import type { LinkName } from '../steps/vanish.ts';
import { type LedgerEntry, lost } from './ledger-entry.ts';
import { type LedgerRecord, parseRecord } from './ledger-record.ts';

/** Entries in an append-only file, and which of them still hold: what ledgers and journals have in common. */
export class EntryLog {
  /** Lines that could not be read when the file was opened: something got at it. */
  readonly damaged: number;
  private readonly lab: string;
  private readonly file: LedgerFile<LedgerRecord>;
  /** What entries have made links ports of, also those that no longer hold. */
  readonly masters = new Map<string, LinkName>();
  private readonly live = new Map<number, LedgerEntry>();
  /** Of steps that may come, in their order. */
  private readonly foreseen = new Map<number, LedgerEntry>();
  private readonly byObject = new Map<string, LedgerEntry[]>();
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
    this.foreseen.clear();
    for (const entry of this.live.values()) if (lost(entry, boot)) this.take(entry.seq);
  }

  /** Oldest first. */
  get entries(): readonly LedgerEntry[] {
    this.sorted ??= [...this.live.values()].sort((a, b) => a.seq - b.seq);
    return this.sorted;
  }

  /** Those of one object, oldest first. */
  about(object: string): readonly LedgerEntry[] {
    return this.byObject.get(object) ?? [];
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

  /** True while entries that were foreseen wait for their turn. */
  get foresees(): boolean {
    return this.foreseen.size > 0;
  }

  /** Writes entries of steps down that may come next, in this order; on disk when it resolves. */
  async foresee(entries: readonly LedgerEntry[]): Promise<void> {
    this.foreseen.clear();
    if (entries.length === 0) return;
    const records = entries.map((entry) => ({ r: 'foreseen', entry }) as const);
    this.write([...(this.written === 0 ? [this.header] : []), ...records]);
    await this.file.sync();
  }

  /**
   * Gives entries the numbers of those that were foreseen for this turn, which are on disk, and has them count from now on.
   * Undefined where others were foreseen; then nothing is any more.
   */
  begin(entries: readonly LedgerEntry[]): readonly LedgerEntry[] | undefined {
    const next = [...this.foreseen.values()].slice(0, entries.length);
    const same = entries.every((entry, at) => isDeepStrictEqual({ ...entry, seq: next[at]?.seq }, next[at]));
    if (!same) this.foreseen.clear();
    else if (next.length > 0) this.write([{ r: 'begun', seqs: next.map(({ seq }) => seq) }]);
    return same ? next : undefined;
  }

  /** The steps that were foreseen will not come. */
  forgetForeseen(): void {
    this.foreseen.clear();
  }

  /** The step was carried out. An entry that stays 'intended' is undone just as well: no step is failed for its mark. */
  done(seq: number, guard: Guard | undefined, sysctls?: Along): void {
    this.mark({ r: 'done', seq, guard, sysctls });
  }

  /** These no longer hold, and others are so since. Throws OrchError when that can't be written down. */
  drop(seqs: readonly number[], since: readonly LedgerEntry[] = []): void {
    this.write([...since.map(recordOf), { r: 'drop', seqs }]);
  }

  /** As drop, but only remembered on a full disk: an inverse that is carried out once more finds nothing to undo. */
  forget(seqs: readonly number[], since: readonly LedgerEntry[] = []): void {
    this.mark(...since.map(recordOf), { r: 'drop', seqs });
  }

  /** The entry, where it still holds, is so from now on; only remembered on a full disk. */
  amend({ object, seq }: LedgerEntry, asItIs: (now: LedgerEntry) => LedgerEntry): void {
    const now = this.about(object).find((entry) => entry.seq === seq);
    if (now !== undefined) this.mark(recordOf(asItIs(now)));
  }

  /** Holds exactly these from now on, in a file without dead lines. */
  rewrite(entries: readonly LedgerEntry[]): void {
    const records = [this.header, ...entries.map(recordOf)];
    this.file.rewrite(records);
    this.clear();
    for (const record of records) this.fold(record);
    this.written = records.length;
  }

  remove(): void {
    this.clear();
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

  private clear(): void {
    this.live.clear();
    this.byObject.clear();
    this.foreseen.clear();
    this.sorted = undefined;
  }

  private mark(...records: readonly LedgerRecord[]): void {
    try {
      this.write(records);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      for (const record of records) this.fold(record);
    }
  }

  private fold(record: LedgerRecord): void {
    this.sorted = undefined;
    switch (record.r) {
      case 'lab':
        if (record.name !== this.lab) throw foreign(this.file.path, record.name);
        break;
      case 'entry':
        this.put(record.entry);
        break;
      case 'foreseen':
        this.foreseen.set(record.entry.seq, record.entry);
        this.free = Math.max(this.free, record.entry.seq + 1);
        break;
      case 'begun':
        for (const seq of record.seqs) {
          const entry = this.foreseen.get(seq);
          this.foreseen.delete(seq);
          if (entry !== undefined) this.put(entry);
        }
        break;
      case 'done': {
        const entry = this.live.get(record.seq);
        if (entry === undefined) break;
        const { guard, sysctls = entry.sysctls } = record;
        this.put({ ...entry, state: 'done', guard, ...(sysctls && { sysctls }) });
        break;
      }
      case 'drop':
        for (const seq of record.seqs) this.take(seq);
        break;
    }
  }

  /** In the place of the one of this number. */
  private put(entry: LedgerEntry): void {
    this.live.set(entry.seq, entry);
    this.free = Math.max(this.free, entry.seq + 1);
    for (const link of entry.masters ?? []) this.masters.set(JSON.stringify(link), link);
    const own = this.byObject.get(entry.object) ?? [];
    const at = own.findIndex(({ seq }) => seq === entry.seq);
    if (at < 0) own.push(entry);
    else own[at] = entry;
    this.byObject.set(entry.object, own);
  }

  private take(seq: number): void {
    const entry = this.live.get(seq);
    if (entry === undefined) return;
    this.live.delete(seq);
    const own = this.about(entry.object).filter((other) => other.seq !== seq);
    if (own.length === 0) this.byObject.delete(entry.object);
    else this.byObject.set(entry.object, own);
  }
}

function recordOf(entry: LedgerEntry): LedgerRecord {
  return { r: 'entry', entry };
}

function foreign(path: string, name: string): OrchError {
  return new OrchError({ code: 'ledger-failed', summary: `${path} is the ledger of another lab, ${name}.` });
}
