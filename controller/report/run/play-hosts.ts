import { placeText } from '../format.ts';
import type { TaskName } from '../types.ts';

/** The hosts of a play, and which of its tasks they are through with. */
export class PlayHosts {
  /** By their places in the play. */
  readonly #places = new Map<string, number>();
  readonly #active = new Set<string>();
  readonly #through = new Map<string, Set<string>>();
  /** How often a host has come to a task. */
  readonly #visits = new Map<string, number>();

  /** Another play begins, or another batch of one. */
  begin(hosts: readonly string[]): void {
    for (const known of [this.#places, this.#active, this.#through, this.#visits]) known.clear();
    for (const [place, host] of hosts.entries()) {
      this.#active.add(host);
      this.#places.set(host, place);
    }
  }

  get count(): number {
    return this.#places.size;
  }

  placeOf(host: string): number {
    return this.#places.get(host) ?? 0;
  }

  /** It is waited for no more. */
  drop(host: string): void {
    this.#active.delete(host);
  }

  /**
   * One task of the play; where a host comes to it again, as in a loop of includes, it is another one, and so is a handler behind
   * another flush.
   */
  keyOf(task: TaskName): string {
    const key = writtenKey(task);
    return `${key}\0${this.#visits.get(`${key}\0${task.host}`) ?? 0}`;
  }

  /** The host is through with the task; gives its key. */
  leave(task: TaskName): string {
    const key = this.keyOf(task);
    const visit = `${writtenKey(task)}\0${task.host}`;
    this.#visits.set(visit, (this.#visits.get(visit) ?? 0) + 1);
    this.#through.set(key, (this.#through.get(key) ?? new Set()).add(task.host));
    return key;
  }

  /** Whether all hosts that are still in the play are through with a task. */
  areThrough(key: string): boolean {
    return [...this.#active].every((host) => this.#through.get(key)?.has(host));
  }
}

function writtenKey({ play, task, written = task, at, flush = '' }: TaskName): string {
  return `${play}\0${written}\0${placeText(at)}\0${flush}`;
}
