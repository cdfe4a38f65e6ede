import type { Located } from '../../source/located.ts';
import { isTemplateInstead } from '../../template/compile.ts';
import { type FreeName, freeNames, type TextKind } from '../../template/parse/free-names.ts';
import { isPlainObject } from '../../template/python/values.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Block, Common, Entry, Include, Loop, Play, RoleUse, Task, Vars } from '../types.ts';

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

/** Variables that the texts inside a value read. Names that they ask for with care go to `guarded`. */
export function usesOf(located: Located, guarded: Set<string>, kind: TextKind = 'template'): Use[] {
  const { value, origin, path } = located;
  if (typeof value === 'string') {
    const names = freeNames(value, isTemplateInstead(value) ? 'template' : kind);
    for (const name of names.guarded) guarded.add(name);
    return names.reads.map((read) => ({ ...read, text: located }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const part = Array.isArray(value) ? Number(key) : key;
    return usesOf({ value: item, origin, path: [...path, part] }, guarded, kind);
  });
}

/** Names that large values ask for: each task may look at all of a variable's. */
const known = new WeakMap<object, ReadonlySet<string>>();

/** Names of all variables that the templates inside a value ask for, with care or without. */
export function namesIn(located: Located, kind: TextKind = 'template'): ReadonlySet<string> {
  const { value } = located;
  const key = kind === 'template' && typeof value === 'object' && value !== null ? value : undefined;
  const before = key && known.get(key);
  if (before !== undefined) return before;
  const guarded = new Set<string>();
  const names = new Set([...usesOf(located, guarded, kind).map(({ name }) => name), ...guarded]);
  if (key !== undefined) known.set(key, names);
  return names;
}

/** Whether the texts inside a value ask for one of these variables, with care or without. */
export function asksFor(located: Located, names: ReadonlySet<string | undefined>, kind?: TextKind): boolean {
  return [...namesIn(located, kind)].some((name) => names.has(name));
}

/** Actions after which there may be variables of any name. */
const bringsVariables: ReadonlySet<string> = new Set(['include_vars', 'add_host']);

/** Goes through plays and notes what they make and read of variables. */
export class VariableCollector {
  readonly found: Variables = { defined: new Map(), uses: [], guarded: new Set(), open: false };
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  play(play: Play): void {
    this.vars(play.vars);
    for (const { name, prompt, otherwise, encrypt, salt } of play.prompts) {
      this.#define(name.value);
      this.#read(prompt, otherwise, encrypt, salt);
    }
    for (const file of play.varsFiles) {
      if (file.vars) this.vars(file.vars);
      else this.found.open = true;
    }
    for (const role of play.roles) this.#role(role);
    this.#read(play.environment, play.become.become, play.become.user, play.hosts);
    if (typeof play.gatherFacts === 'object') this.#read(play.gatherFacts);
    this.#read(...Object.values(play.templates));
    for (const common of play.around) this.#common(common);
    const forgiven = play.around.some(({ ignoreErrors }) => ignoreErrors !== undefined);
    for (const entry of [...play.entries, ...play.handlers]) this.#entry(entry, forgiven);
  }

  vars(vars: Vars): void {
    for (const [name, value] of vars) this.#define(name, value);
  }

  #define(name: string, value?: Located): void {
    const values = this.found.defined.get(name) ?? [];
    if (value) values.push(value);
    this.found.defined.set(name, values);
  }

  #read(...values: readonly (Located | undefined)[]): void {
    for (const value of values) if (value) this.found.uses.push(...usesOf(value, this.found.guarded));
  }

  #expressions(...lists: readonly (readonly Located[] | undefined)[]): void {
    for (const value of lists.flatMap((list) => list ?? [])) {
      this.found.uses.push(...usesOf(value, this.found.guarded, 'expression'));
    }
  }

  /** @param forgiven a failure of the task does not fail the host */
  #entry(entry: Entry, forgiven: boolean): void {
    const before = this.found.uses.length;
    this.#common(entry);
    if (entry.kind === 'task') this.#task(entry);
    else if (entry.kind === 'include') this.#include(entry, forgiven);
    else this.#block(entry, forgiven);
    // Who ignores or rescues an error may mean it, and what is never done reads nothing.
    if (forgiven || entry.ignoreErrors || entry.when?.some(({ value }) => value === false))
      this.found.uses.length = before;
  }

  #role({ defaults, vars, given, params, dependencies }: RoleUse): void {
    for (const each of [defaults, vars, given, params]) this.vars(each);
    for (const dependency of dependencies) this.#role(dependency);
  }

  #common(entry: Common): void {
    if (entry.role) this.#role(entry.role);
    this.vars(entry.vars);
    this.#expressions(entry.when);
    this.#read(entry.become.become, entry.become.user, entry.environment, entry.noLog, entry.ignoreErrors);
    this.#read(entry.ignoreUnreachable, ...entry.notify, entry.timeoutSeconds);
    this.#read(entry.delegateTo, entry.runOnce, entry.checkMode, entry.diff);
  }

  #block({ block, rescue, always }: Block, forgiven: boolean): void {
    for (const entry of block) this.#entry(entry, forgiven || rescue.length > 0);
    for (const entry of [...rescue, ...always]) this.#entry(entry, forgiven);
  }

  #include(include: Include, forgiven: boolean): void {
    this.#loop(include.loop);
    this.#read(include.file);
    if (include.register !== undefined) this.#define(include.register);
    if (include.apply) this.#common(include.apply);
    // What is read by the run alone may define anything.
    if (!include.entries) this.found.open = true;
    for (const entry of include.entries ?? []) this.#entry(entry, forgiven);
  }

  #task(task: Task): void {
    this.#loop(task.loop);
    if (task.register !== undefined) this.#define(task.register);
    this.#expressions(task.changedWhen, task.failedWhen, task.until);
    this.#read(task.retries, task.delaySeconds);
    this.#read(task.asyncSeconds, task.pollSeconds, ...(task.moreArgs ?? []));
    // A template may name any variable.
    if (task.moreArgs && task.module === 'set_fact') this.found.open = true;
    const { value: args, origin, path } = task.args;
    // It may bring facts of any name.
    if (task.custom ?? task.plugin) this.found.open = true;
    // An inventory that is read again may say anything.
    if (task.module === 'meta' && args.free_form === 'refresh_inventory') this.found.open = true;
    if (task.module === 'service_facts') this.#define('services');
    if (task.module === 'package_facts') this.#define('packages');
    if (task.module === 'getent') this.#define(`getent_${args.database}`);
    if (task.module === 'validate_argument_spec') this.#required(args.argument_spec);
    const raw = ((task.custom ?? task.plugin) ? undefined : this.#catalog.get(task.module)?.raw) ?? [];
    for (const [key, value] of Object.entries(args)) {
      const located = { value, origin, path: [...path, key] };
      // What is not there is what this one shows.
      if (task.module === 'debug' && key === 'var') continue;
      if (raw.includes(key)) this.#expressions([located]);
      else this.#read(located);
      if (bringsVariables.has(task.module)) this.found.open = true;
      if (task.module !== 'set_fact') continue;
      this.#define(key);
      if (key.includes('{{')) this.found.open = true;
    }
  }

  /** An argument that nobody gives is told by the role that asks for it. */
  #required(spec: unknown): void {
    if (!isPlainObject(spec)) return;
    for (const [name, option] of Object.entries(spec)) {
      if (isPlainObject(option) && option.required === true) this.found.guarded.add(name);
    }
  }

  #loop(loop: Loop | undefined): void {
    if (!loop) return;
    this.#define(loop.loopVar);
    if (loop.loopVar.includes('{{')) this.found.open = true;
    if (loop.indexVar !== undefined) this.#define(loop.indexVar);
    this.#read(loop.items, loop.label, loop.pauseSeconds);
  }
}
