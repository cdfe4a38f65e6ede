import type { FactCache } from './fact-cache.ts';
import { HostState } from './host-state.ts';

/** What is known of each host; begins, when one is first asked for, with what runs before have left. */
export class HostStates {
  readonly #states = new Map<string, HostState>();
  readonly #cache: FactCache | undefined;

  constructor(cache: FactCache | undefined) {
    this.#cache = cache;
  }

  readonly of = (name: string): HostState => {
    const known = this.#states.get(name);
    if (known) return known;
    const state = new HostState(name);
    this.#cache?.restore(state);
    this.#states.set(name, state);
    return state;
  };

  /** Another run goes on with what is known. */
  goOn(): void {
    for (const state of this.#states.values()) state.goOn();
  }

  /** Of all hosts that were asked for. */
  all(): Iterable<HostState> {
    return this.#states.values();
  }
}
