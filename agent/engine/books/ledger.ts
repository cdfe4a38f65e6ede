import type { Action, Step } from '../../modules/module.ts';
import type { Guard } from '../steps/guard.ts';
import { EntryLog } from './entry-log.ts';
import { type Bookkeeping, isWish, keepBooks, type LedgerEntry, removed, takesAway } from './ledger-entry.ts';

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
  private readonly log: EntryLog;
  private readonly boot: string;

  /** `boot`: the running kernel's boot id; what another kernel held is gone with it. */
  constructor(lab: string, path: string, boot: string) {
    this.lab = lab;
    this.boot = boot;
    this.log = new EntryLog({ lab, path, boot });
  }

  /** Lines that could not be read when the file was opened: something got at it. */
  get damaged(): number {
    return this.log.damaged;
  }

  /** Oldest first. */
  get entries(): readonly LedgerEntry[] {
    return this.log.entries;
  }

  /** What the lab changed itself, or has taken over; oldest first. */
  get changes(): readonly LedgerEntry[] {
    return this.entries.filter((entry) => !isWish(entry));
  }

  get empty(): boolean {
    return this.log.size === 0;
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

  /** True when the object is among those that the lab owns. */
  has(object: string): boolean {
    return this.log.about(object).at(-1)?.removes === false;
  }

  owns(object: string): boolean {
    return this.log.about(object).length > 0;
  }

  /** True while what was foreseen waits for its turn. */
  get foresees(): boolean {
    return this.log.foresees;
  }

  /**
   * Writes down what plans will do that may come next, in this order; on disk when it resolves. One flush for all of them. A
   * plan that is more than new entries, and those behind it, are left out.
   */
  async foresee(task: Task, plans: readonly (readonly Step[])[]): Promise<void> {
    const entries: LedgerEntry[] = [];
    for (const steps of plans) {
      const books = this.books(task, steps, this.log.nextSeq + entries.length);
      if (!books.every(isNew)) break;
      entries.push(...entriesOf(books));
    }
    await this.log.foresee(entries);
  }

  forgetForeseen(): void {
    this.log.forgetForeseen();
  }

  /** Writes down what the steps of one plan will do; on disk when it resolves. One flush for all of them, or none if foreseen. */
  async intend(task: Task, steps: readonly Step[]): Promise<readonly Bookkeeping[]> {
    const books = this.books(task, steps, this.log.nextSeq);
    const foreseen = books.every(isNew) ? this.log.begin(entriesOf(books))?.values() : undefined;
    if (foreseen !== undefined) {
      return books.map((book) => (book.entry === undefined ? book : { ...book, entry: foreseen.next().value }));
    }
    this.log.forgetForeseen();
    await this.log.add(entriesOf(books));
    return books;
  }

  /** The lab wishes these objects, which another one has brought about; on disk when it resolves. */
  wish({ run, where }: Task, objects: readonly string[]): Promise<void> {
    const { boot } = this;
    const { nextSeq } = this.log;
    const common = { run, where, boot, undo: [], removes: false, state: 'done' } as const;
    return this.log.add(objects.map((object, at) => ({ ...common, seq: nextSeq + at, object })));
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

  /** Takes over what another lab did to objects, in the place of wishes for them; on disk when it resolves. */
  async takeOver(from: string, entries: readonly LedgerEntry[]): Promise<void> {
    const { nextSeq } = this.log;
    const wishes = entries.flatMap(({ object }) => this.log.about(object).filter(isWish));
    const changes = entries.filter((entry) => !isWish(entry));
    await this.log.add(changes.map((entry, at) => ({ ...entry, seq: nextSeq + at, heirOf: from })));
    this.forget(wishes.map(({ seq }) => seq));
  }

  /** Owns again what another lab had taken over, in its old place, but for what it has changed anew itself. */
  regain(entries: readonly LedgerEntry[]): void {
    const missing = entries.filter(({ object }) => this.log.about(object).every(isWish));
    const regained = (entry: LedgerEntry) => missing.some(({ object }) => object === entry.object);
    const others = this.entries.filter((entry) => !regained(entry));
    if (missing.length > 0) this.restore([...others, ...missing].sort((a, b) => a.seq - b.seq));
  }

  /** What another lab brought about, and this one wished, is no more. */
  unwish(object: string): void {
    const wishes = this.log.about(object).filter(isWish);
    this.forget(wishes.map(({ seq }) => seq));
  }

  /** The step was carried out. */
  done(book: Bookkeeping, guard: Guard | undefined): void {
    if (book.entry !== undefined) this.log.done(book.entry.seq, guard);
    this.forget(book.drops);
    this.tidy();
  }

  /** These steps were not carried out after all. */
  withdraw(books: readonly Bookkeeping[]): void {
    this.forget(books.filter((book) => book.fresh).flatMap((book) => book.entry?.seq ?? []));
  }

  /** Whether what an action brings is to be taken away yet; `object`: that which it is of, if known. */
  undoes(action: Action, object?: string): boolean {
    const entries = object === undefined ? this.entries : this.log.about(object);
    return entries.some((entry) => takesAway(entry, action));
  }

  /** To be put back by the next undo, should this one be broken off. */
  owe(entry: LedgerEntry, owed: readonly Action[]): void {
    this.log.amend(entry, (now) => ({ ...now, owed }));
  }

  /** Entries that no longer hold; others are as in `since` from then on. A ledger without any leaves no file. */
  forget(seqs: readonly number[], since: readonly LedgerEntry[] = []): void {
    if (seqs.length + since.length === 0) return;
    this.log.drop(seqs, since);
    if (this.empty) this.remove();
    else this.tidy();
  }

  /** Owns exactly this from now on, oldest first: what it owned before a run that was taken back. */
  restore(entries: readonly LedgerEntry[]): void {
    if (entries.length === 0) this.remove();
    else this.log.rewrite(entries.map((entry, at) => ({ ...entry, seq: at + 1 })));
  }

  remove(): void {
    this.log.remove();
  }

  close(): void {
    this.log.close();
  }

  private books({ run, where }: Task, steps: readonly Step[], seq: number): readonly Bookkeeping[] {
    const objects = [...new Set(steps.map(({ object }) => object))];
    const about = objects.flatMap((object) => this.log.about(object));
    // Only what takes things away concerns other objects, and what is made again: the earlier one may have moved away.
    const all = steps.some((step) => step.removes === true || (about.length > 0 && step.undo.some(removed)));
    const present = all ? this.entries : about;
    return keepBooks(present, steps, { run, where, seq, boot: this.boot });
  }

  /** Rewrites a file that is mostly lines which no longer count. */
  private tidy(): void {
    if (this.log.lines > 2 * this.log.size + slack) this.log.rewrite(this.entries);
  }
}

function isNew({ entry, fresh, drops }: Bookkeeping): boolean {
  return drops.length === 0 && fresh === (entry !== undefined);
}

function entriesOf(books: readonly Bookkeeping[]): readonly LedgerEntry[] {
  return books.flatMap(({ entry }) => entry ?? []);
}
