import { Fault } from '../fault.ts';
import { limits } from '../limits.ts';
import type { LexOptions } from '../parse/syntax.ts';
import type { Source } from '../parse/tree.ts';
import { type Given, isList, Undefined } from '../python/values.ts';
import type { RenderOptions } from '../types.ts';
import { Copies } from './copies.ts';
import { Unit } from './unit.ts';

/** What filters, tests and functions may use of the rendering that they are part of. */
export interface Engine {
  readonly options: RenderOptions;
  filter(name: string, value: unknown, given: Given): unknown;
  test(name: string, value: unknown, given: Given): boolean;
}

/** What is the same for all frames of one template at work. */
interface Place {
  readonly rendering: Rendering;
  readonly source: Source;
  readonly unit: Unit;
  /** False for a template that is included or imported without the names around it. */
  readonly withScope: boolean;
}

/** Names set by the template itself, innermost first, over the variables. */
export class Frame {
  readonly #place: Place;
  readonly #parent: Frame | undefined;
  #names: Map<string, unknown> | undefined;
  /** The outermost frame of the unit. */
  readonly top: Frame;
  readonly rendering: Rendering;

  private constructor(place: Place, parent: Frame | undefined, top?: Frame, names?: Map<string, unknown>) {
    this.#place = place;
    this.#parent = parent;
    this.#names = names;
    this.top = top ?? this;
    this.rendering = place.rendering;
  }

  /** The frame of a template's own top level; it sees the names of `around`, where there is one. */
  static top(rendering: Rendering, source: Source, around?: Frame, withScope = true): Frame {
    return new Frame({ rendering, source, unit: new Unit(), withScope }, around);
  }

  get source(): Source {
    return this.#place.source;
  }

  get unit(): Unit {
    return this.#place.unit;
  }

  /** Names set in this very frame. */
  get own(): ReadonlyMap<string, unknown> {
    this.#names ??= new Map();
    return this.#names;
  }

  set(name: string, value: unknown): void {
    this.#names ??= new Map();
    this.#names.set(name, value);
  }

  get(name: string, at: number): unknown {
    for (let frame: Frame | undefined = this; frame !== undefined; frame = frame.#parent) {
      if (frame.#names?.has(name)) return frame.#names.get(name);
    }
    const { rendering } = this;
    const { scope } = rendering.options;
    if (this.#place.withScope && scope.has(name)) return scope.get(name) ?? null;
    return rendering.global(name) ?? new Undefined(`'${name}' is undefined`, name, () => this.names(), at);
  }

  *names(): Iterable<string> {
    if (this.#names) yield* this.#names.keys();
    if (this.#parent) yield* this.#parent.names();
    else if (this.#place.withScope) yield* this.rendering.options.scope.names();
  }

  /** A frame inside of this one; `source` where the statements run there are another template's. */
  inner(source?: Source): Frame {
    return new Frame(source ? { ...this.#place, source } : this.#place, this, this.top);
  }

  /** The same names, for the statements of another template that this one extends. */
  as(source: Source): Frame {
    this.#names ??= new Map();
    return new Frame({ ...this.#place, source }, this.#parent, undefined, this.#names);
  }
}

const maximalDepth = 50;

/** What a rendering calls that is made of renderings itself. */
interface Parts {
  /** Names that every template has; undefined for any other. */
  global(name: string, rendering: Rendering): unknown;
  /** Finds a template by name, parsed; undefined when there is none. */
  find(name: string, rendering: Rendering): Source | undefined;
  /** Renders a text that is a template inside of an expression, as terms of lookups may be. */
  embedded(text: string, frame: Frame): unknown;
}

/** One rendering: what it was given and how much it has done. */
export class Rendering {
  readonly options: RenderOptions;
  readonly syntax: LexOptions;
  readonly #parts: Parts;
  #copies: Copies | undefined;
  #steps = 0;
  #depth = 0;

  constructor(options: RenderOptions, syntax: LexOptions, parts: Parts) {
    this.options = options;
    this.syntax = syntax;
    this.#parts = parts;
  }

  global(name: string): unknown {
    return this.#parts.global(name, this);
  }

  find(name: string): Source | undefined {
    const source = this.#parts.find(name, this);
    if (source) this.enter(source);
    return source;
  }

  /** Begins with a template's text. */
  enter({ changes }: Source): void {
    if (changes) this.#copies ??= new Copies();
  }

  embedded(text: string, frame: Frame): unknown {
    return this.#parts.embedded(text, frame);
  }

  /** Counts work, so that loops in loops end. */
  spend(value?: unknown): void {
    this.#steps += typeof value === 'string' ? 1 + value.length / 64 : isList(value) ? 1 + value.length : 1;
    if (this.#steps > limits.steps) throw new Fault(`the template does too much: more than ${limits.steps} steps`);
  }

  /** Runs macros, blocks and included templates, which may call themselves. */
  nested<T>(work: () => T): T {
    if (this.#depth >= maximalDepth) {
      throw new Fault(`macros, blocks and templates call each other more than ${maximalDepth} levels deep`);
    }
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  /** What stands for a value here: where a template calls methods that change lists and dicts, its own copy. */
  own(value: unknown): unknown {
    return this.#copies ? this.#copies.of(value) : value;
  }

  /** Notes a list or dict that the template wrote. */
  written<T extends object>(value: T): T {
    return this.#copies ? this.#copies.written(value) : value;
  }

  /** What stands for a value that goes to, or comes from, something that is called. */
  passed(value: unknown): unknown {
    return this.#copies ? this.#copies.passed(value) : value;
  }

  mayChange(value: object): boolean {
    return this.#copies?.has(value) === true;
  }
}
