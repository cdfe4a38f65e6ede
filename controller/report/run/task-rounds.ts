import type { TaskRecord } from '../types.ts';

interface Round<T> {
  readonly value: T;
  readonly hosts: Set<string>;
}

/** The tasks of a play, one for all hosts that do it: a host that comes to one again is at the next round of it. */
export class TaskRounds<T> {
  readonly #rounds = new Map<string, Round<T>[]>();

  /** What is kept of the round that a record belongs to; `make` begins one. */
  of({ at, task, written = task, host }: TaskRecord, make: () => T): T {
    const key = `${at.file}:${at.line}:${at.column} ${written}`;
    const same = this.#rounds.get(key) ?? [];
    this.#rounds.set(key, same);
    let found = same.find(({ hosts }) => !hosts.has(host));
    if (!found) {
      found = { value: make(), hosts: new Set() };
      same.push(found);
    }
    found.hosts.add(host);
    return found.value;
  }

  /** The next play begins. */
  clear(): void {
    this.#rounds.clear();
  }
}
