import { Float } from '../../../proto/float.ts';
import { Fault, isOfUndefined, type Text } from '../fault.ts';
import { didYouMean } from '../suggest.ts';
import type { Scope } from '../types.ts';

/** A tuple: a list that prints with parentheses; a plain list outside of templates. */
export class Tuple extends Array<unknown> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  static of2(first: unknown, second: unknown): Tuple {
    return Tuple.from([first, second]) as Tuple;
  }
}

/** A group that `groupby` makes: a pair whose parts have names. */
export class Group extends Tuple {
  static override of2(label: unknown, items: unknown): Group {
    return Group.from([label, items]) as Group;
  }
}

/** A mapping whose values are made when they are asked for (`hostvars`, `vars`). */
export class LazyMap {
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
  }
}

/** One that a variable holds. */
export class LazyData extends LazyMap {}

/** A name or member that does not exist. It may be tested and defaulted; any other use of it throws `fault()`. */
export class Undefined {
  readonly #message: string;
  #at: number | undefined;
  #source: Text | undefined;
  readonly #word: string;
  readonly #candidates: () => Iterable<string>;

  constructor(message: string, word: string, candidates: () => Iterable<string>, at?: number) {
    this.#message = message;
    this.#word = word;
    this.#candidates = candidates;
    this.#at = at;
  }

  /** Notes what made it; macros of other templates may stumble over it. */
  madeBy(at: number, source: Text): this {
    this.#at ??= at;
    this.#source ??= source;
    return this;
  }

  fault(): Fault {
    const hint = () => didYouMean(this.#word, this.#candidates());
    const ofUndefined = !(this instanceof NoElse);
    const fault = new Fault(this.#message, { code: 'undefined-variable', hint, ofUndefined });
    fault.at = this.#at;
    fault.source = this.#source;
    return fault;
  }
}

/** What a call, filter or test gives that stumbled over something undefined: as undefined, with that error. */
class GivenOn extends Undefined {
  readonly #fault: Fault;

  constructor(fault: Fault) {
    super('', '', () => []);
    this.#fault = fault;
  }

  override fault(): Fault {
    return this.#fault;
  }
}

/** What `a if b` gives when b is false: as text and list it is empty, as a condition false, else as undefined as a name. */
export class NoElse extends Undefined {
  readonly #raise: (() => never) | undefined;

  /** `raise`: throws the error of a variable's own template. */
  constructor(at: number, raise?: () => never) {
    super("the condition is false and there is no 'else'", '', () => [], at);
    this.#raise = raise;
  }

  override fault(): Fault {
    return this.#raise?.() ?? super.fault();
  }
}

/** The attributes of `namespace(...)`, the one thing that a template may change. */
export class Namespace {
  readonly attributes = new Map<string, unknown>();
}

/** What a call passes. */
export interface Given {
  readonly positional: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

/** Something that templates can call. */
export class Callable {
  readonly name: string;
  readonly call: (given: Given) => unknown;
  /** What it tells of itself: a macro does. */
  readonly attributes: ReadonlyMap<string, unknown>;

  constructor(name: string, call: (given: Given) => unknown, attributes: ReadonlyMap<string, unknown> = new Map()) {
    this.name = name;
    this.call = call;
    this.attributes = attributes;
  }
}

/** Things of the engine with members of their own (`loop`, imported templates); plain data never is one. */
export abstract class MemberHolder {
  /** A member's value; undefined when there is none. */
  abstract member(name: string): unknown;
  abstract readonly memberNames: readonly string[];
  /** What it is called in messages. */
  abstract readonly title: string;
  /** What calling it does, where it can be called. */
  readonly self: Callable | undefined = undefined;
  /** Its text, where it has one. */
  get text(): string | undefined {
    return undefined;
  }
  /** The same inside of a list. */
  get repr(): string | undefined {
    return this.text;
  }
}

export type Mapping = ReadonlyMap<unknown, unknown> | LazyMap | Readonly<Record<string, unknown>>;

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

export function isMapping(value: unknown): value is Mapping {
  return value instanceof Map || value instanceof LazyMap || isPlainObject(value);
}

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** False for `omit`, which lists and dicts are printed and leave a template without. */
export const isKept = (value: unknown): boolean => typeof value !== 'symbol';

/** The JavaScript number of a number or boolean, rounded where it is a bigint; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return Number(value);
  return undefined;
}

export const isFloat = (value: unknown): boolean =>
  value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));

export const isInteger = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));

/** Python's name of a value's type, for messages and `type_debug`. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isFloat(value)) return 'float';
  if (isInteger(value)) return 'int';
  if (value instanceof Group) return 'GroupTuple';
  if (value instanceof Tuple) return 'tuple';
  if (isList(value)) return 'list';
  if (isMapping(value)) return 'dict';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Callable) return 'function';
  if (value instanceof MemberHolder) return value.title;
  return value instanceof Namespace ? 'namespace' : 'object';
}

/** Throws for a name that does not exist, gives any other value back. */
export function defined(value: unknown): unknown {
  if (value instanceof Undefined) throw value.fault();
  return value;
}

/** True for what does not exist, and is not just a missing `else`, which most things take for nothing. */
export function isAbsent(value: unknown): value is Undefined {
  return value instanceof Undefined && !(value instanceof NoElse);
}

/** The same as defined(), where a missing `else` is taken. */
export function definedOrNoElse(value: unknown): unknown {
  if (isAbsent(value)) throw value.fault();
  return value;
}

/** A variable whose own template names something that does not exist: undefined in turn, with the error's own place. */
export class Unresolved extends Undefined {
  readonly #raise: () => never;

  constructor(raise: () => never) {
    super('', '', () => []);
    this.#raise = raise;
  }

  override fault(): never {
    this.#raise();
  }
}

/** What to give on in place of a value that stumbled over something undefined; undefined: it is another error. */
export function absentBy(error: unknown): Undefined | undefined {
  if (error instanceof Fault && error.ofUndefined) return new GivenOn(error);
  // That of a variable's own template, or of a file, has its place.
  if (!isOfUndefined(error)) return undefined;
  return new Unresolved(() => {
    throw error;
  });
}

/** A variable that no vault password opens, or whose template insists on what does not exist: it is neither tested nor defaulted. */
export class Sealed extends Unresolved {
  /** The vault itself; undefined for what is made with one. */
  readonly vault: string | undefined;

  constructor(raise: () => never, vault?: string) {
    super(raise);
    this.vault = vault;
  }
}
