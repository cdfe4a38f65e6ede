import { Fault } from './fault.ts';
import { limits } from './limits.ts';
import type { RenderOptions } from './types.ts';
import { type Given, isList, Undefined } from './values.ts';

/** What filters, tests and functions may use of the rendering that they are part of. */
export interface Engine {
  readonly options: RenderOptions;
  filter(name: string, value: unknown, given: Given): unknown;
  test(name: string, value: unknown, given: Given): boolean;
}

/** Names set by the template itself, innermost first, over the variables. */
export class Frame {
  readonly #names = new Map<string, unknown>();
  readonly #parent: Frame | undefined;
  readonly rendering: Rendering;

  constructor(rendering: Rendering, parent?: Frame) {
    this.rendering = rendering;
    this.#parent = parent;
  }

  set(name: string, value: unknown): void {
    this.#names.set(name, value);
  }

  get(name: string, at: number): unknown {
    for (let frame: Frame | undefined = this; frame !== undefined; frame = frame.#parent) {
      if (frame.#names.has(name)) return frame.#names.get(name);
    }
    const { scope } = this.rendering.options;
    if (scope.has(name)) return scope.get(name) ?? null;
    return this.rendering.global(name) ?? new Undefined(`'${name}' is not defined`, name, () => this.names(), at);
  }

  *names(): Iterable<string> {
    yield* this.#names.keys();
    yield* this.#parent?.names() ?? this.rendering.options.scope.names();
  }

  inner(): Frame {
    return new Frame(this.rendering, this);
  }
}

/** One rendering: what it was given and how much it has done. */
export class Rendering {
  readonly options: RenderOptions;
  readonly global: (name: string) => unknown;
  #steps = 0;

  constructor(options: RenderOptions, global: (name: string) => unknown) {
    this.options = options;
    this.global = global;
  }

  /** Counts work, so that loops in loops end. */
  spend(value?: unknown): void {
    this.#steps += typeof value === 'string' ? 1 + value.length / 64 : isList(value) ? 1 + value.length : 1;
    if (this.#steps > limits.steps) throw new Fault(`the template does too much: more than ${limits.steps} steps`);
  }
}
