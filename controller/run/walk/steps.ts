import type { Gathering } from './rendezvous.ts';

/** `--step`: a person says of each task whether it is done. Hosts that met are asked for together, once. */
export class Steps {
  readonly #ask: (question: string) => Promise<string | undefined>;
  readonly #asked = new WeakMap<Gathering, Promise<boolean>>();
  #asks = true;

  /** `ask`: gives the answer, or undefined when there is nobody to give one. */
  constructor(ask: (question: string) => Promise<string | undefined>) {
    this.#ask = ask;
  }

  /** Whether the hosts that met do the task. */
  does(gathering: Gathering, name: string): Promise<boolean> {
    const asked = this.#asked.get(gathering) ?? this.#answer(name);
    this.#asked.set(gathering, asked);
    return asked;
  }

  async #answer(name: string): Promise<boolean> {
    if (!this.#asks) return true;
    const answer = (await this.#ask(`Perform task: TASK: ${name} (N)o/(y)es/(c)ontinue: `))?.trim().toLowerCase() ?? '';
    if (answer === 'c' || answer === 'continue') this.#asks = false;
    return !this.#asks || answer === 'y' || answer === 'yes';
  }
}
