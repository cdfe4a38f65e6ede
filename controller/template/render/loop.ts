import { Fault } from '../fault.ts';
import { equals } from '../python/compare.ts';
import { Callable, type Given, MemberHolder, Undefined } from '../python/values.ts';

const noChange = Symbol('no value yet');

/** `loop` inside a `for`. */
export class LoopState extends MemberHolder {
  readonly #items: readonly unknown[];
  readonly #depth: number;
  #index = 0;
  #last: unknown = noChange;

  /** `descend` renders the loop again for `loop(children)`; undefined when the loop isn't recursive. */
  constructor(
    items: readonly unknown[],
    depth: number,
    descend: ((items: unknown, depth: number) => unknown) | undefined,
  ) {
    super();
    this.#items = items;
    this.#depth = depth;
    this.self = new Callable('loop', ({ positional }) => {
      if (!descend) throw new Fault('this loop is not recursive', { hint: "end its tag with 'recursive'" });
      return descend(positional[0], depth + 1);
    });
  }

  override readonly self: Callable;
  readonly title = "'loop'";

  readonly memberNames = [
    ...['index', 'index0', 'revindex', 'revindex0', 'first', 'last', 'length', 'depth', 'depth0'],
    ...['previtem', 'nextitem', 'cycle', 'changed'],
  ];

  moveTo(index: number): void {
    this.#index = index;
  }

  member(name: string): unknown {
    const { length } = this.#items;
    const index = this.#index;
    switch (name) {
      case 'index':
        return index + 1;
      case 'index0':
        return index;
      case 'revindex':
        return length - index;
      case 'revindex0':
        return length - index - 1;
      case 'first':
        return index === 0;
      case 'last':
        return index === length - 1;
      case 'length':
        return length;
      case 'depth':
        return this.#depth + 1;
      case 'depth0':
        return this.#depth;
      case 'previtem':
        return this.#neighbour(index - 1, 'previtem');
      case 'nextitem':
        return this.#neighbour(index + 1, 'nextitem');
      case 'cycle':
        return new Callable('cycle', (given) => this.#cycle(given));
      case 'changed':
        return new Callable('changed', ({ positional }) => this.#changed([...positional]));
      default:
        return undefined;
    }
  }

  #neighbour(index: number, name: string): unknown {
    if (index >= 0 && index < this.#items.length) return this.#items[index];
    return new Undefined(`there is no 'loop.${name}' here`, '', () => []);
  }

  #cycle({ positional }: Given): unknown {
    if (positional.length === 0) throw new Fault('cycle() needs values');
    return positional[this.#index % positional.length];
  }

  #changed(values: unknown[]): boolean {
    const changed = this.#last === noChange || !equals(this.#last, values);
    this.#last = values;
    return changed;
  }
}
