import { OrchError } from '../../proto/errors.ts';
import type { Step } from '../modules/module.ts';
import type { Guard } from './guard.ts';
import { type Bookkeeping, isWish, keepBooks, type LedgerEntry } from './ledger-entry.ts';
import { LedgerFile } from './ledger-file.ts';
import { type LedgerRecord, parseRecord } from './ledger-record.ts';

/** Dead lines that a file may carry before it is rewritten. */
const slack = 200;

/** The task that a change is made for. */
interface Task {
  readonly run: string;
  readonly where?: string | undefined;
}

/** What one lab changed on this host, newest last, kept in a file so that it outlives the agent. */
export class Ledger {
  readonly lab: string;
  /** Lines that could not be read when the file was opened: something got at it. */
  readonly damaged: number;
  private readonly file: LedgerFile<LedgerRecord>;
  private readonly boot: string;
  private readonly live = new Map<number, LedgerEntry>();
  private nextSeq = 1;
  private lines = 0;

  /** `boot`: the running kernel's boot id; what another kernel held is gone with it. */
  constructor(lab: string, path: string, boot: string) {
    this.lab = lab;
    this.boot = boot;
    this.file = new LedgerFile(path, parseRecord);
    const { records, damaged } = this.file.read();
    this.damaged = damaged;
    this.lines = records.length;
    for (const record of records) this.fold(record);
    for (const entry of this.live.values()) if (lost(entry, boot)) this.live.delete(entry.seq);
  }

  /** Oldest first. */
  get entries(): readonly LedgerEntry[] {
    return [...this.live.values()].sort((a, b) => a.seq - b.seq);
  }

  /** What the lab changed itself, or has taken over; oldest first. */
  get changes(): readonly LedgerEntry[] {
    return this.entries.filter((entry) => !isWish(entry));
  }

  get empty(): boolean {
    return this.live.size === 0;
  }

  /** What the lab owns, in the order it came to it. */
  get objects(): readonly string[] {
    const newest = new Map(this.entries.map((entry) => [entry.object, entry]));
    return [...newest.values()].filter((entry) => !entry.removes).map((entry) => entry.object);
  }

  /** Names of the network namespaces among the objects. */
  get namespaces(): readonly string[] {
    return this.objects.flatMap((object) => (object.startsWith('netns ') ? object.slice('netns '.length) : []));
  }

  owns(object: string): boolean {
    return [...this.live.values()].some((entry) => entry.object === object);
  }

  /** Writes down what the steps of one plan will do; on disk when it resolves. One flush for all of them. */
  async intend({ run, where }: Task, steps: readonly Step[]): Promise<readonly Bookkeeping[]> {
    const books = keepBooks(this.entries, steps, { run, where, seq: this.nextSeq, boot: this.boot });
    await this.add(books.map((book) => book.entry).filter((entry) => entry !== undefined));
    return books;
  }

  /** The lab wishes these objects, which another one has brought about; on disk when it resolves. */
  wish({ run, where }: Task, objects: readonly string[]): Promise<void> {
    const { nextSeq, boot } = this;
    const common = { run, where, boot, undo: [], removes: false, state: 'done' } as const;
    return this.add(objects.map((object, at) => ({ ...common, seq: nextSeq + at, object })));
  }

  /** Takes changes of a lab that is destroyed over, in the place of the wish for their objects. */
  inherit(from: string, changes: readonly LedgerEntry[]): void {
    this.restore(
      this.entries.flatMap((entry) => {
        const theirs = isWish(entry) ? changes.filter(({ object }) => object === entry.object) : [];
        return theirs.length === 0 ? entry : theirs.map((change) => ({ ...change, heirOf: from }));
      }),
    );
  }

  /** The step was carried out. */
  done(book: Bookkeeping, guard: Guard | undefined): void {
    if (book.entry !== undefined) this.mark({ r: 'done', seq: book.entry.seq, guard });
    this.forget(book.drops);
    this.tidy();
  }

  /** These steps were not carried out after all. */
  withdraw(books: readonly Bookkeeping[]): void {
    this.forget(books.filter((book) => book.fresh).flatMap((book) => book.entry?.seq ?? []));
  }

  /** Entries that no longer hold. A ledger without any leaves no file. */
  forget(seqs: readonly number[]): void {
    if (seqs.length === 0) return;
    this.write([{ r: 'drop', seqs }]);
    if (this.live.size === 0) this.remove();
    else this.tidy();
  }

  /** Owns exactly this from now on, oldest first: what it owned before a run that was taken back. */
  restore(entries: readonly LedgerEntry[]): void {
    this.live.clear();
    for (const [at, entry] of entries.entries()) this.fold({ r: 'entry', entry: { ...entry, seq: at + 1 } });
    if (entries.length === 0) this.remove();
    else this.rewrite();
  }

  remove(): void {
    this.live.clear();
    this.lines = 0;
    this.file.remove();
  }

  close(): void {
    this.file.close();
  }

  private async add(entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const header: LedgerRecord[] = this.lines === 0 ? [{ r: 'lab', name: this.lab }] : [];
    this.write([...header, ...entries.map((entry): LedgerRecord => ({ r: 'entry', entry }))]);
    await this.file.sync();
  }

  /** Rewrites a file that is mostly lines which no longer count. */
  private tidy(): void {
    if (this.lines > 2 * this.live.size + slack) this.rewrite();
  }

  private rewrite(): void {
    const records: LedgerRecord[] = [
      { r: 'lab', name: this.lab },
      ...this.entries.map((entry): LedgerRecord => ({ r: 'entry', entry })),
    ];
    this.file.rewrite(records);
    this.lines = records.length;
  }

  private write(records: readonly LedgerRecord[]): void {
    this.file.append(records);
    this.lines += records.length;
    for (const record of records) this.fold(record);
  }

  /** An entry that stays 'intended' in the file is undone just as well: the step is not failed for its mark. */
  private mark(record: LedgerRecord): void {
    try {
      this.write([record]);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      this.fold(record);
    }
  }

  private fold(record: LedgerRecord): void {
    switch (record.r) {
      case 'lab':
        if (record.name !== this.lab) throw foreign(this.file.path, record.name);
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

/** It was only in the memory of a kernel that no longer runs. */
export function lost(entry: LedgerEntry, boot: string): boolean {
  return entry.boot !== boot && entry.undo.every((action) => action.op !== 'file' && action.op !== 'exec');
}

function foreign(path: string, name: string): OrchError {
  return new OrchError({ code: 'ledger-failed', summary: `${path} is the ledger of another lab, ${name}.` });
}
