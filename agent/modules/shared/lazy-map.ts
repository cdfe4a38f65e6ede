/** A map whose keys are known, and whose values are made when they are first asked for. */
export class LazyMap<V> implements ReadonlyMap<string, V> {
  private readonly makers: ReadonlyMap<string, () => V | undefined>;
  private readonly made = new Map<string, V>();

  constructor(makers: Iterable<readonly [string, () => V | undefined]>) {
    this.makers = new Map(makers);
  }

  get size(): number {
    return this.makers.size;
  }

  has(key: string): boolean {
    return this.makers.has(key);
  }

  get(key: string): V | undefined {
    const present = this.made.get(key);
    const make = this.makers.get(key);
    if (present !== undefined || make === undefined) return present;
    const value = make();
    if (value !== undefined) this.made.set(key, value);
    return value;
  }

  keys(): MapIterator<string> {
    return this.makers.keys();
  }

  *values(): MapIterator<V> {
    for (const [, value] of this) yield value;
  }

  entries(): MapIterator<[string, V]> {
    return this[Symbol.iterator]();
  }

  forEach(work: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) work(value, key, this);
  }

  *[Symbol.iterator](): MapIterator<[string, V]> {
    for (const key of this.makers.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }
}
