import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Action } from '../../linux/action.ts';
import { placed } from '../../modules/shared/place.ts';
import type { NotedStep, RunNotes } from '../losses/losses.ts';
import { bringsNeighbours } from '../losses/lost-with-link.ts';
import type { Along } from '../losses/written-along.ts';
import { type Guard, plannedGuard } from '../steps/guard.ts';
import { isSame, type LinkName, masterOf, removedLink } from '../steps/vanish.ts';
import { EntryLog } from './entry-log.ts';
import { type LedgerEntry, takesAway } from './ledger-entry.ts';

export interface JournalPlace {
  readonly lab: string;
  readonly run: string;
  /** Without an ending: PATH.ndjson has the steps, PATH.before what the lab owned before them, PATH.taken what others did. */
  readonly path: string;
  /** The running kernel's boot id. */
  readonly boot: string;
}

/** A link by the number that it had, and by that which it has. */
export interface Renumbered {
  readonly link: LinkName;
  readonly from: number;
  readonly to: number;
}

/** What the lab owns. */
interface Owned {
  readonly entries: readonly LedgerEntry[];
}

/**
 * All that one run changed on this host, step by step, each with what takes it back: on disk before the step is carried
 * out. The ledger leads back to the host without the lab; this, to the host before the run.
 */
export class Journal implements RunNotes {
  readonly run: string;
  private readonly place: JournalPlace;
  private readonly log: EntryLog;
  private takenLog: EntryLog | undefined;
  private beforeLog: EntryLog | undefined;

  constructor(place: JournalPlace) {
    this.run = place.run;
    this.place = place;
    this.log = this.open('.ndjson');
  }

  /** Oldest first. */
  get entries(): readonly LedgerEntry[] {
    return this.log.entries;
  }

  takesBackMaster({ netns, name }: LinkName): boolean {
    const makers = this.log.about(`link ${placed(netns, name)}`);
    const goes = ({ undo: [first] }: LedgerEntry) => first !== undefined && isSame(removedLink(first), { netns, name });
    return makers.some(goes) || this.entries.some(({ undo }) => bringsNeighbours(undo, { netns, name }));
  }

  /** What the run has made links ports of, or was about to; also by what is taken back by now. */
  get masters(): Iterable<LinkName> {
    return this.log.masters.values();
  }

  /** Lines that could not be read: something got at them. */
  get damaged(): number {
    return this.log.damaged + this.takings.damaged;
  }

  /** What the lab owned before this run. `whole`: it is known that it was no more. Throws OrchError. */
  get before(): { readonly entries: readonly LedgerEntry[]; readonly whole: boolean } {
    const { entries, damaged, lines } = this.owned;
    return { entries, whole: damaged === 0 && lines > 0 };
  }

  /** What the run has taken over from other labs. */
  get taken(): readonly LedgerEntry[] {
    return this.takings.entries;
  }

  /** Writes down what the lab is about to take over from another one; on disk when it resolves. `owned`: by the lab, as yet. */
  async take(lab: string, theirs: readonly LedgerEntry[], owned: Owned): Promise<void> {
    // A step that failed has left it, and the run takes it over anew.
    const known = ({ object }: LedgerEntry) => this.takings.about(object).some(({ taken }) => taken?.lab === lab);
    const fresh = theirs.filter((entry) => !known(entry));
    this.keepBefore(fresh, owned);
    const { nextSeq } = this.takings;
    await this.takings.add(fresh.map((entry, at) => ({ ...entry, seq: nextSeq + at, taken: { lab, seq: entry.seq } })));
  }

  /** Writes down what plans will do that may come next, in this order; on disk when it resolves. `owned`: by the lab, as yet. */
  async foresee(plans: readonly (readonly NotedStep[])[], owned: Owned): Promise<void> {
    const entries: LedgerEntry[] = [];
    for (const steps of plans) entries.push(...present(this.notes(steps, this.log.nextSeq + entries.length)));
    this.keepBefore(entries, owned);
    await this.log.foresee(entries);
  }

  forgetForeseen(): void {
    this.log.forgetForeseen();
  }

  /** Writes down what the steps of one plan will do; on disk when it resolves. `owned`: by the lab, as yet. */
  async intend(steps: readonly NotedStep[], owned: Owned): Promise<readonly (LedgerEntry | undefined)[]> {
    const entries = this.notes(steps, this.log.nextSeq);
    const foreseen = this.log.begin(present(entries))?.values();
    if (foreseen !== undefined) return entries.map((entry) => entry && foreseen.next().value);
    this.keepBefore(present(entries), owned);
    await this.log.add(present(entries));
    return entries;
  }

  /** The step was carried out. */
  done(entry: LedgerEntry | undefined, guard: Guard | undefined, sysctls?: Along): void {
    if (entry !== undefined) this.log.done(entry.seq, guard, sysctls);
  }

  /** The step has not cost these after all: who takes them away later on would find them back after a rollback. */
  spare(entry: LedgerEntry | undefined, spared: readonly Action[]): void {
    if (entry === undefined || spared.length === 0) return;
    const kept = new Set(spared.map((action) => JSON.stringify(action)));
    const isLost = (action: Action) => !kept.has(JSON.stringify(action));
    this.log.amend(entry, (now) => ({ ...now, undo: now.undo.filter(isLost) }));
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

  /** These steps were not carried out after all, or have been taken back; others are as in `since` from then on. */
  forget(entries: readonly (LedgerEntry | undefined)[], since: readonly LedgerEntry[] = []): void {
    const seqs = entries.flatMap((entry) => entry?.seq ?? []);
    if (seqs.length + since.length > 0) this.log.forget(seqs, since);
  }

  /** Links that the run knew have another number by now: they were made again. */
  renumber(links: readonly Renumbered[]): void {
    const asItIs = (entry: LedgerEntry): LedgerEntry => {
      const { guard } = entry;
      if (guard?.kind !== 'link') return entry;
      const its = links.find(({ link, from }) => isSame(link, guard.link) && from === guard.index);
      return its === undefined ? entry : { ...entry, guard: { ...guard, index: its.to } };
    };
    if (links.length === 0) return;
    // Behind what is there: a line that is damaged must be seen to be later on.
    for (const log of [this.log, this.owned]) {
      const since = log.entries.map(asItIs).filter((entry, at) => entry !== log.entries[at]);
      if (since.length > 0) log.forget([], since);
    }
  }

  remove(): void {
    this.log.remove();
    this.owned.remove();
    this.takings.remove();
  }

  close(): void {
    this.log.close();
    this.takenLog?.close();
    this.beforeLog?.close();
  }

  private get owned(): EntryLog {
    this.beforeLog ??= this.open('.before');
    return this.beforeLog;
  }

  private get takings(): EntryLog {
    this.takenLog ??= this.open('.taken');
    return this.takenLog;
  }

  private notes(steps: readonly NotedStep[], next: number): readonly (LedgerEntry | undefined)[] {
    const { run, boot } = this.place;
    let seq = next;
    const masters = steps.flatMap(({ action }) => masterOf(action) ?? []);
    return steps.map((step): LedgerEntry | undefined => {
      if (step.undo.length === 0 && !step.removes) return undefined;
      return {
        seq: seq++,
        run,
        object: step.object,
        part: step.part,
        undo: step.undo,
        found: step.found,
        sysctls: step.sysctls,
        network: step.network,
        masters: masters.length === 0 ? undefined : masters,
        removes: step.removes ?? false,
        guard: plannedGuard(step.action),
        state: 'intended',
        boot,
      };
    });
  }

  /** Keeps what the lab owned before the first of these entries. */
  private keepBefore(entries: readonly LedgerEntry[], owned: Owned): void {
    if (entries.length === 0 || this.log.lines > 0 || this.takings.lines > 0) return;
    mkdirSync(dirname(this.place.path), { recursive: true, mode: 0o700 });
    // What the run itself has only wished until then was not the lab's before it.
    this.owned.rewrite(owned.entries.filter(({ run }) => run !== this.run));
  }

  private open(ending: '.ndjson' | '.before' | '.taken'): EntryLog {
    const { lab, path, boot } = this.place;
    return new EntryLog({ lab, path: `${path}${ending}`, boot });
  }
}

function present(entries: readonly (LedgerEntry | undefined)[]): readonly LedgerEntry[] {
  return entries.filter((entry) => entry !== undefined);
}
