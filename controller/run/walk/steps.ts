import type { RunEvent } from '../../report/types.ts';
import { hideSecrets } from '../../vault/secret-texts.ts';
import type { Interrupt } from '../hosts/interrupt.ts';
import type { Gathering } from './rendezvous.ts';

/** `--step`: a person says of each task whether it is done. Hosts that met are asked for together, once. */
export class Steps {
  readonly #ask: (question: string) => Promise<string | undefined>;
  readonly #interrupt: Interrupt;
  readonly #asked = new WeakMap<Gathering, Promise<boolean>>();
  #asks = true;

  /** `ask`: gives the answer, or undefined when there is nobody to give one. */
  constructor(ask: (question: string) => Promise<string | undefined>, interrupt: Interrupt) {
    this.#ask = ask;
    this.#interrupt = interrupt;
  }

  /** Whether the hosts that met do the task. `emit`: views are told while somebody types. Rejects with Stop at Ctrl-C. */
  does(gathering: Gathering, name: string, emit: (event: RunEvent) => void): Promise<boolean> {
    const asked = this.#asked.get(gathering) ?? this.#answer(name, emit);
    this.#asked.set(gathering, asked);
    return asked;
  }

  async #answer(name: string, emit: (event: RunEvent) => void): Promise<boolean> {
    if (!this.#asks) return true;
    emit({ type: 'typing', begins: true });
    const question = `Perform task: TASK: ${hideSecrets(name)} (N)o/(y)es/(c)ontinue: `;
    const said = await this.#interrupt
      .until(this.#ask(question))
      .finally(() => emit({ type: 'typing', begins: false }));
    const answer = said?.trim().toLowerCase() ?? '';
    if (answer === 'c' || answer === 'continue') this.#asks = false;
    return !this.#asks || answer === 'y' || answer === 'yes';
  }
}
