import type { Integer } from './integer.ts';

/** Slots that are looked at one behind the other before the next jump (CPython's setobject.c). */
const linearProbes = 9;
const smallest = 8;
/** CPython's numbers hash to themselves, modulo this prime. */
const prime = 2n ** 61n - 1n;

function hashOf(value: Integer): bigint {
  const whole = BigInt(value);
  const rest = whole < 0n ? -(-whole % prime) : whole % prime;
  return BigInt.asUintN(64, rest === -1n ? -2n : rest);
}

type Slot = Integer | 'gone' | undefined;

/**
 * A set of whole numbers that gives them in the order in which CPython's `set` does, which playbooks see in what the
 * filters of sets return. (The order of texts differs there from run to run.)
 */
export class PythonSet {
  #slots: Slot[] = Array.from({ length: smallest });
  #filled = 0;
  #used = 0;

  constructor(items: Iterable<Integer> = []) {
    for (const item of items) this.add(item);
  }

  get size(): number {
    return this.#used;
  }

  get items(): Integer[] {
    return this.#slots.filter((slot) => slot !== undefined && slot !== 'gone');
  }

  /** Where the number is, or the slot where it would be put: the last one on the way that is free again, if any is. */
  #find(item: Integer): number {
    let free: number | undefined;
    const hash = hashOf(item);
    const mask = BigInt(this.#slots.length - 1);
    let at = hash & mask;
    for (let perturb = hash; ; ) {
      const more = at + BigInt(linearProbes) <= mask ? linearProbes : 0;
      for (let probe = 0; probe <= more; probe++) {
        const slot = this.#slots[Number(at) + probe];
        if (slot === item) return Number(at) + probe;
        if (slot === undefined) return free ?? Number(at) + probe;
        if (slot === 'gone') free = Number(at) + probe;
      }
      perturb >>= 5n;
      at = (at * 5n + 1n + perturb) & mask;
    }
  }

  has(item: Integer): boolean {
    return this.#slots[this.#find(item)] === item;
  }

  add(item: Integer): void {
    const at = this.#find(item);
    if (this.#slots[at] === item) return;
    const isNew = this.#slots[at] === undefined;
    this.#slots[at] = item;
    this.#used++;
    if (!isNew) return;
    this.#filled++;
    if (this.#filled * 5 >= (this.#slots.length - 1) * 3) this.#resize(this.#used > 50_000 ? 2 : 4, this.#used);
  }

  #resize(factor: number, used: number): void {
    let length = smallest;
    while (length <= used * factor) length *= 2;
    const { items } = this;
    this.#slots = Array.from({ length });
    this.#filled = items.length;
    for (const item of items) this.#slots[this.#find(item)] = item;
  }

  #merge(other: PythonSet): this {
    if (other.size === 0) return this;
    if ((this.#filled + other.size) * 5 >= (this.#slots.length - 1) * 3) this.#resize(2, this.#used + other.size);
    if (this.#filled === 0 && this.#slots.length === other.#slots.length && other.#filled === other.size) {
      this.#slots = [...other.#slots];
      this.#filled = this.#used = other.size;
    } else for (const item of other.items) this.add(item);
    return this;
  }

  get copy(): PythonSet {
    return new PythonSet().#merge(this);
  }

  /** Numbers of either. */
  union(other: PythonSet): PythonSet {
    return this.copy.#merge(other);
  }

  /** Numbers of both: those of the smaller one, in its order. */
  intersection(other: PythonSet): PythonSet {
    const [small, large] = other.size > this.size ? [this, other] : [other, this];
    return new PythonSet(small.items.filter((item) => large.has(item)));
  }

  difference(other: PythonSet): PythonSet {
    if (this.size >> 2 <= other.size) return new PythonSet(this.items.filter((item) => !other.has(item)));
    const left = this.copy;
    for (const item of other.items) left.#remove(item);
    return left;
  }

  /** Numbers of one alone. */
  symmetricDifference(other: PythonSet): PythonSet {
    const either = other.copy;
    for (const item of this.items) if (!either.#remove(item)) either.add(item);
    return either;
  }

  #remove(item: Integer): boolean {
    const at = this.#find(item);
    if (this.#slots[at] !== item) return false;
    this.#slots[at] = 'gone';
    this.#used--;
    return true;
  }
}
