import { deferred } from '../deferred.ts';
import { comparePositions, type Position, positionKey } from '../position.ts';
import type { Outcome } from '../task/outcome.ts';
import type { Turns } from './turns.ts';

/** Hosts that met, in the play's order. The first leads: what it does once for all, it shares. */
export interface Gathering {
  readonly hosts: readonly string[];
  readonly shared: Promise<Outcome>;
  readonly share: (outcome: Outcome) => void;
}

interface Meeting {
  readonly position: Position;
  /** What lets each host that came go on. */
  readonly arrived: Map<string, (gathering: Gathering) => void>;
}

/**
 * Where the hosts of one batch wait for each other. A meeting opens once nobody is on the way to any: every host that still
 * walks waits somewhere. Of several meetings the one that comes first in the play opens, so hosts on different ways (rescue,
 * conditions, includes) never wait for each other forever.
 */
export class Rendezvous {
  readonly #order: readonly string[];
  readonly #walking: Set<string>;
  readonly #meetings = new Map<string, Meeting>();
  readonly #turns: Turns | undefined;

  /** `turns`: who waits lets others have its turn, since they may need it to come. */
  constructor(hosts: readonly string[], turns?: Turns) {
    this.#turns = turns;
    this.#order = hosts;
    this.#walking = new Set(hosts);
  }

  /** Waits at `position`; gives the hosts that came. */
  meet(host: string, position: Position): Promise<Gathering> {
    const coming = () => this.#come(host, position);
    return this.#turns ? this.#turns.aside(host, coming) : coming();
  }

  #come(host: string, position: Position): Promise<Gathering> {
    const key = positionKey(position);
    let meeting = this.#meetings.get(key);
    if (!meeting) {
      meeting = { position, arrived: new Map() };
      this.#meetings.set(key, meeting);
    }
    const { promise, resolve } = deferred<Gathering>();
    meeting.arrived.set(host, resolve);
    this.#walking.delete(host);
    this.#openNext();
    return promise;
  }

  /** A host that had left is on its way again. */
  join(host: string): void {
    this.#walking.add(host);
  }

  /** The host's walk is over. */
  leave(host: string): void {
    this.#walking.delete(host);
    this.#openNext();
  }

  #openNext(): void {
    if (this.#walking.size > 0) return;
    const [first] = [...this.#meetings.entries()].sort(([, a], [, b]) => comparePositions(a.position, b.position));
    if (!first) return;
    const [key, meeting] = first;
    this.#meetings.delete(key);
    const { arrived } = meeting;
    const hosts = this.#order.filter((host) => arrived.has(host));
    for (const host of hosts) this.#walking.add(host);
    const { promise, resolve } = deferred<Outcome>();
    const gathering = { hosts, shared: promise, share: resolve };
    // In the play's order, the one that came last too: so they take their turns where a task has any.
    queueMicrotask(() => {
      for (const host of hosts) arrived.get(host)?.(gathering);
    });
  }
}
