import type { Arm } from '../../../proto/gen/orch/v1/agent.ts';
import { unaskedSeconds } from '../../../proto/unasked-seconds.ts';
import { confirmRun, giveUp, type Settlement } from '../../confirm/confirm.ts';
import type { ArmedRun } from '../../confirm/types.ts';
import type { ExitCode, RunEvent } from '../../report/types.ts';
import type { Links } from './links.ts';

/** The part of an armed run that is known outside. */
export type Reaching = Pick<ArmedRun, 'lab' | 'run' | 'holder' | 'connect' | 'signal'>;

/** Sees a run through that its hosts take back unless it is confirmed: because it was asked for, or because a host says so. */
export class Keeping {
  readonly #links: Links;
  readonly #emit: (event: RunEvent) => void;
  readonly #asked: boolean;
  #seconds: number;
  #timer: NodeJS.Timeout | undefined;
  /** Hosts that have said what touches their way. */
  readonly #heard = new Set<string>();
  /** What the other hosts were told. */
  #told = '';

  /** `seconds` 0: nobody asked for it. */
  constructor(links: Links, seconds: number, emit: (event: RunEvent) => void) {
    this.#links = links;
    this.#emit = emit;
    this.#asked = seconds > 0;
    this.#seconds = seconds;
    links.whenArmed((host, arm) => this.#armed(host, arm));
    if (this.#asked) this.#begin();
  }

  /** The plays are over: from now on only a new connection counts. Gives how long the old ones may take to end. */
  rest(): number | undefined {
    clearInterval(this.#timer);
    return this.#seconds > 0 ? (this.#seconds * 1000) / 4 : undefined;
  }

  /** Has the hosts keep the run, or take it back for a reason; undefined when none of them waits for a word. */
  async settle(exit: ExitCode, reaching: Reaching, reason = reasons[exit]): Promise<Settlement | undefined> {
    const hosts = this.#links.hosts.toSorted();
    if (this.#seconds === 0 || hosts.length === 0) return undefined;
    const armed = { ...reaching, hosts, seconds: this.#seconds };
    // Unasked it only guards against being locked out: what else failed is left to look at.
    const wanted = exit === 0 || !this.#asked;
    const settlement = wanted ? await confirmRun(armed) : await giveUp(armed, reason);
    this.#emit({ type: 'run-settled', ...settlement });
    if (!settlement.kept && exit === 0) for (const host of hosts) this.#emit(notConfirmed(host));
    return settlement;
  }

  /** The time is not the host's to say: all others wait as long, too. */
  #armed(host: string, { reason }: Arm): void {
    if (reason === '' || reason === this.#told || this.#heard.has(host)) return;
    this.#heard.add(host);
    const confirmS = this.#seconds || unaskedSeconds;
    const message = `this run touches the controller's way to this host (${reason}): it is taken back in ${confirmS} s unless it is confirmed`;
    this.#emit({ type: 'warning', host, message });
    if (this.#seconds > 0) return;
    this.#seconds = confirmS;
    this.#told = `${host}: ${reason}`;
    this.#links.arm({ confirmS, reason: this.#told });
    this.#begin();
  }

  #begin(): void {
    const ms = this.#seconds * 1000;
    this.#links.extend(ms);
    this.#timer = setInterval(() => this.#links.extend(ms), ms / 10);
    this.#timer.unref();
  }
}

const reasons: Readonly<Record<ExitCode, string>> = {
  0: '',
  2: 'a task failed or a host was unreachable',
  3: 'an expectation was not met',
  4: 'the input was wrong',
  130: 'the run was interrupted',
};

function notConfirmed(host: string): RunEvent {
  const summary = 'The run was not confirmed, so it was taken back.';
  const hint = 'What is said above under "not confirmed" must be mended; then run again.';
  return { type: 'host-failed', host, failure: { code: 'not-confirmed', summary, hint } };
}
