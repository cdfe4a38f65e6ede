import type { Located } from '../../source/located.ts';
import { Pending } from '../signals.ts';
import { Lane } from './lane.ts';

/** What is known of one host during a run. */
export class HostState {
  readonly name: string;
  readonly lane = new Lane();
  /** Facts under their names without the `ansible_` in front. */
  readonly facts = new Map<string, unknown>();
  /** Those of them that never had an `ansible_` in front. */
  readonly #others = new Set<string>();
  /** Registered results and set_fact: one kind of variable, the later one wins. */
  readonly variables = new Map<string, unknown>();
  /** Of include_vars. */
  readonly included = new Map<string, Located>();
  /** Its tasks are done on the workstation itself. */
  onWorkstation = false;
  /** Out of the run's later plays. */
  out = false;
  /** In check mode a task would have changed the host: it is not as it will be. */
  pretended = false;
  /** Facts of `setup` were sent for; others, as of package_facts, come beside them. */
  gathered = false;
  /** A play has told that facts are gathered. */
  isTold = false;
  /** Facts were learned or forgotten. */
  learned = false;
  /** A task has changed the host since its facts were read. */
  changed = false;
  /** Facts are to be read again when one is asked for. */
  #outdated = false;
  /** The parameters that they were read with, `{}` for all there are. */
  #readWith = '{}';
  /** How often its failures were forgiven. */
  pardons = 0;
  /** Has the host meet the others; set while its task is evaluated, until they have met at it. */
  meetOthers: (() => Promise<void>) | undefined;
  /** Sends for the facts; set once a play has told that they are gathered, and until the host is lost. */
  gather: (() => void) | undefined;
  /** A run before this one has told that its facts are gathered, and nobody has asked for them. */
  owesFacts = false;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether a result is registered or a fact set under this name; throws Pending while that is not known. */
  hasVariable(name: string): boolean {
    this.lane.awaitVariable(name);
    return this.variables.has(name);
  }

  /** Whether there is a fact of this name; sends for the facts when nobody has yet. Throws Pending while they are in flight. */
  hasFact(name: string): boolean {
    this.lane.awaitFacts();
    if (this.#outdated || !this.facts.has(name)) this.#sendForFacts();
    return this.facts.has(name);
  }

  /** Names of all facts; sends for them as hasFact does. */
  factNames(): Iterable<string> {
    this.lane.awaitFacts();
    this.#sendForFacts();
    return this.facts.keys();
  }

  #sendForFacts(): void {
    if (this.gathered || !this.gather) return;
    this.gather();
    this.gather = undefined;
    this.lane.awaitFacts();
  }

  /** Whether there is a fact whose whole name this is. Throws Pending while one may be in flight. */
  hasOtherFact(name: string): boolean {
    this.lane.awaitOtherFacts();
    return this.#others.has(name);
  }

  /** Facts are on their way: what has changed until now is in them. `args`: the parameters of `setup`. */
  awaitsFacts(args: unknown): void {
    this.gathered = true;
    this.#readWith = JSON.stringify(args);
    this.#outdated = false;
    this.changed = false;
  }

  /** A play gathers facts by `args`: those that are there may be wrong when a task has changed the host since, or not be all. */
  outdateFacts(args: unknown): void {
    const isMore = this.#readWith !== '{}' && this.#readWith !== JSON.stringify(args);
    if (!this.changed && !isMore) return;
    this.#outdated = this.gathered && this.changed;
    this.gathered = false;
  }

  /** As if they had never been read (meta: clear_facts), and were not to be before a play gathers them again. */
  forgetFacts(): void {
    this.gather = undefined;
    this.owesFacts = false;
    this.facts.clear();
    this.#others.clear();
    this.learned = true;
    this.gathered = false;
    this.isTold = false;
  }

  /** Throws Pending while other hosts may still learn what its task reads of them. */
  awaitOthers(): void {
    if (this.meetOthers) throw new Pending(this.meetOthers);
  }

  /** Throws Pending while tasks in flight may change what lookups read. */
  awaitWorkstation(): void {
    if (this.onWorkstation) this.lane.awaitAll();
  }

  /** What is known serves another run, which has connections of its own. */
  goOn(): void {
    this.owesFacts ||= this.gather !== undefined;
    this.gather = undefined;
  }

  /** Back into the run after a failure (meta: clear_host_errors). */
  forgive(): void {
    this.pardons += 1;
    this.lane.recover();
    this.out = false;
  }

  /** Sets variables, as set_fact does, and facts of the same names where they are to last; gives what takes that back. */
  setVariables(values: Readonly<Record<string, unknown>>, lasting: boolean): () => void {
    const undo = remembered(this.variables, Object.keys(values));
    for (const [name, value] of Object.entries(values)) this.variables.set(name, value);
    if (!lasting) return undo;
    const undoFacts = remembered(this.facts, Object.keys(values).map(bareName));
    const others = Object.keys(values).filter((name) => !this.#others.has(name));
    this.learnFacts(values);
    return () => {
      undo();
      undoFacts();
      for (const name of others) this.#others.delete(name);
    };
  }

  /** Sets what include_vars reads; gives what takes that back. */
  include(values: ReadonlyMap<string, Located>): () => void {
    const undo = remembered(this.included, [...values.keys()]);
    for (const [name, value] of values) this.included.set(name, value);
    return undo;
  }

  /** Facts of a run before this one; `gathered`: `setup` brought some of them. */
  restoreFacts(facts: Readonly<Record<string, unknown>>, gathered: boolean): void {
    this.learnFacts(facts);
    this.learned = false;
    this.isTold = gathered;
  }

  /** All facts by their whole names. */
  allFacts(): Readonly<Record<string, unknown>> {
    const named = [...this.facts].map(([bare, value]) => [this.#others.has(bare) ? bare : `ansible_${bare}`, value]);
    return Object.fromEntries(named) as Record<string, unknown>;
  }

  learnFacts(facts: Readonly<Record<string, unknown>>): void {
    this.learned = true;
    for (const [name, value] of Object.entries(facts)) {
      const bare = bareName(name);
      if (bare === name) this.#others.add(name);
      this.facts.set(bare, value);
    }
  }
}

function bareName(name: string): string {
  return name.startsWith('ansible_') ? name.slice('ansible_'.length) : name;
}

/** What gives the names the values that they have now. */
function remembered<T>(map: Map<string, T>, names: readonly string[]): () => void {
  const before = new Map(names.flatMap((name) => (map.has(name) ? [[name, map.get(name) as T]] : [])));
  return () => {
    for (const name of names) map.delete(name);
    for (const [name, value] of before) map.set(name, value);
  };
}
