import { deferred } from '../deferred.ts';
import type { Position } from '../position.ts';
import type { Rendezvous } from '../walk/rendezvous.ts';

/**
 * The hosts of a batch that could not be reached, or were lost: they wait for one of the others to take them back
 * (meta: clear_host_errors).
 */
export class Pardons {
  readonly #active: ReadonlySet<string>;
  readonly #rendezvous: Rendezvous;
  readonly #waiting = new Map<string, (from: Position | undefined) => void>();

  /** @param active hosts that are still in the play */
  constructor(active: ReadonlySet<string>, rendezvous: Rendezvous) {
    this.#active = active;
    this.#rendezvous = rendezvous;
  }

  /** Where the host goes on behind; undefined once nobody is left who could take it back. */
  await(host: string): Promise<Position | undefined> {
    const { promise, resolve } = deferred<Position | undefined>();
    this.#waiting.set(host, resolve);
    this.giveUp();
    return promise;
  }

  /** Takes all of them back in behind a place of the play. */
  grant(from: Position): void {
    for (const host of this.#waiting.keys()) this.#rendezvous.join(host);
    this.#answer(from);
  }

  /** Ends the waiting where all that are still in the play wait. */
  giveUp(): void {
    if ([...this.#active].every((host) => this.#waiting.has(host))) this.#answer(undefined);
  }

  #answer(from: Position | undefined): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(from);
  }
}
