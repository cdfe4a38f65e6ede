import type { TaskLine } from './task-lines.ts';

/** Results of one task, held until all hosts of the play have it, so that free-running hosts stand together. */
export interface HeldTask {
  title: string;
  /** The place in the play of the host whose title that is. */
  namedBy: number;
  /** That hosts have begun it. */
  readonly starts: string[];
  readonly lines: TaskLine[];
  readonly warnings: string[];
  /** Its title is told even where no host has a line. */
  readonly bare: boolean;
}

/** What is held of a task that no host has come to. */
export function nothingTold() {
  return { title: '', namedBy: Number.POSITIVE_INFINITY, starts: [], lines: [], warnings: [] };
}

interface Placed extends HeldTask {
  /** When hosts came to it, as a count of all that came to any. */
  readonly came: Map<string, number>;
  /** Greater than that of those before it. */
  place: number;
}

/**
 * Tasks whose results are held, in an order in which every host came to them, and else as they began: a host that skips an
 * include has begun what follows before others are through with it.
 */
export class HeldTasks implements Iterable<readonly [string, HeldTask]> {
  #held = new Map<string, Placed>();
  /** The last task that a host came to. */
  readonly #last = new Map<string, Placed>();
  #arrivals = 0;

  get size(): number {
    return this.#held.size;
  }

  /** The task that a host comes to. */
  come(host: string, key: string, bare: boolean): HeldTask {
    const known = this.#held.get(key);
    const task = known ?? { ...nothingTold(), bare, came: new Map(), place: this.#arrivals };
    task.came.set(host, this.#arrivals++);
    const last = this.#last.get(host);
    this.#last.set(host, task);
    if (known === undefined) this.#held.set(key, task);
    else if (last !== undefined && last.place > task.place) this.#sort();
    return task;
  }

  delete(key: string): void {
    this.#held.delete(key);
  }

  *[Symbol.iterator](): Iterator<readonly [string, HeldTask]> {
    yield* [...this.#held];
  }

  /** Those that nobody came to after another one first. Hosts that came to two in turn, which a free play allows, have their say in part. */
  #sort(): void {
    const waiting = new Map<string, Set<string>>([...this.#held.keys()].map((key) => [key, new Set()]));
    for (const earlier of this.#ofHosts()) {
      for (const [at, key] of earlier.entries()) {
        const before = earlier[at - 1];
        if (before !== undefined) waiting.get(key)?.add(before);
      }
    }
    const sorted = new Map<string, Placed>();
    while (waiting.size > 0) {
      const [first = ''] = [...waiting].find(([, before]) => before.size === 0) ?? [...waiting][0] ?? [];
      waiting.delete(first);
      for (const before of waiting.values()) before.delete(first);
      const task = this.#held.get(first);
      if (task === undefined) continue;
      task.place = this.#arrivals++;
      sorted.set(first, task);
    }
    this.#held = sorted;
  }

  /** For each host the tasks that it came to, in turn. */
  #ofHosts(): Iterable<readonly string[]> {
    const came = [...this.#held].flatMap(([key, task]) => [...task.came].map(([host, at]) => ({ key, host, at })));
    came.sort((a, b) => a.at - b.at);
    const byHost = new Map<string, string[]>();
    for (const { key, host } of came) byHost.set(host, [...(byHost.get(host) ?? []), key]);
    return byHost.values();
  }
}
