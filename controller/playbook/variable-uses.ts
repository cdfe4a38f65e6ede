import type { Located } from '../source/located.ts';
import type { FreeName } from '../template/free-names.ts';
import { freeNames } from '../template/free-names.ts';
import type { Catalog } from './catalog.ts';
import type { Block, Common, Entry, Include, Loop, Play, Task, Vars } from './types.ts';

/** A text that reads a variable. */
export interface Use extends FreeName {
  readonly text: Located;
}

/** What a playbook makes and reads of variables, all plays taken together. */
export interface Variables {
  /** By name: the values that are written down. Names that only the run gives a value have none. */
  readonly defined: Map<string, Located[]>;
  readonly uses: Use[];
  readonly guarded: Set<string>;
  /** True when a name can come from a file or a key that only the run knows. */
  open: boolean;
}

export class VariableCollector {
  readonly found: Variables = { defined: new Map(), uses: [], guarded: new Set(), open: false };
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  play(play: Play): void {
    this.vars(play.vars);
    for (const file of play.varsFiles) {
      if (file.vars) this.vars(file.vars);
      else this.found.open = true;
    }
    this.#read(play.environment, play.become.become, play.become.user, play.hosts);
    for (const entry of [...play.entries, ...play.handlers]) this.#entry(entry, false);
  }

  vars(vars: Vars): void {
    for (const [name, value] of vars) this.#define(name, value);
  }

  /** Uses inside a value that is written down. */
  static uses(value: Located, guarded: Set<string>, kind: 'template' | 'expression' = 'template'): Use[] {
    const { value: data, origin, path } = value;
    if (typeof data === 'string') {
      const names = freeNames(data, kind);
      for (const name of names.guarded) guarded.add(name);
      return names.reads.map((read) => ({ ...read, text: value }));
    }
    if (typeof data !== 'object' || data === null) return [];
    return Object.entries(data).flatMap(([key, item]) =>
      VariableCollector.uses(
        { value: item, origin, path: [...path, Array.isArray(data) ? Number(key) : key] },
        guarded,
        kind,
      ),
    );
  }

  #define(name: string, value?: Located): void {
    const values = this.found.defined.get(name) ?? [];
    if (value) values.push(value);
    this.found.defined.set(name, values);
  }

  #read(...values: readonly (Located | undefined)[]): void {
    for (const value of values) if (value) this.found.uses.push(...VariableCollector.uses(value, this.found.guarded));
  }

  #expressions(...lists: readonly (readonly Located[] | undefined)[]): void {
    for (const value of lists.flatMap((list) => list ?? [])) {
      this.found.uses.push(...VariableCollector.uses(value, this.found.guarded, 'expression'));
    }
  }

  /** @param forgiven a failure of the task does not fail the host */
  #entry(entry: Entry, forgiven: boolean): void {
    const before = this.found.uses.length;
    this.#common(entry);
    if (entry.kind === 'task') this.#task(entry);
    else if (entry.kind === 'include') this.#include(entry, forgiven);
    else this.#block(entry, forgiven);
    // Who ignores or rescues an error may mean it.
    if (forgiven || entry.ignoreErrors) this.found.uses.length = before;
  }

  #common(entry: Common): void {
    this.vars(entry.vars);
    this.#expressions(entry.when);
    this.#read(entry.become.become, entry.become.user, entry.environment, entry.noLog, entry.ignoreErrors);
    this.#read(entry.delegateTo, entry.runOnce, entry.checkMode, entry.diff);
  }

  #block({ block, rescue, always }: Block, forgiven: boolean): void {
    for (const entry of block) this.#entry(entry, forgiven || rescue.length > 0);
    for (const entry of [...rescue, ...always]) this.#entry(entry, forgiven);
  }

  #include(include: Include, forgiven: boolean): void {
    this.#loop(include.loop);
    this.#read(include.file);
    if (include.entries) for (const entry of include.entries) this.#entry(entry, forgiven);
    else if (freeNames(include.file.value, 'template').reads.length > 0) this.found.open = true;
  }

  #task(task: Task): void {
    this.#loop(task.loop);
    if (task.register !== undefined) this.#define(task.register);
    this.#expressions(task.changedWhen, task.failedWhen, task.until);
    this.#read(...task.notify, task.retries, task.delaySeconds, task.timeoutSeconds);
    const { value: args, origin, path } = task.args;
    const raw = this.#catalog.get(task.module)?.raw ?? [];
    for (const [key, value] of Object.entries(args)) {
      const located = { value, origin, path: [...path, key] };
      if (raw.includes(key)) this.#expressions([located]);
      else this.#read(located);
      if (task.module !== 'set_fact') continue;
      this.#define(key);
      if (key.includes('{{')) this.found.open = true;
    }
  }

  #loop(loop: Loop | undefined): void {
    if (!loop) return;
    this.#define(loop.loopVar);
    if (loop.indexVar !== undefined) this.#define(loop.indexVar);
    this.#read(loop.items, loop.label);
  }
}
