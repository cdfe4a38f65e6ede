import { OrchError } from '../../../proto/errors.ts';
import type { Arm, Restored, Settled } from '../../../proto/gen/orch/v1/agent.ts';
import { isUnreachable } from '../../report/run/collect.ts';
import { mixedRuns, type RunEnd } from '../../report/run/mixed-runs.ts';
import { restoredText } from '../../report/run/restored-text.ts';
import type { RunEvent } from '../../report/types.ts';
import { failureOf } from '../failure.ts';
import { AgentLink, type TaskStream } from './agent-link.ts';

/** Reaches a host, or with `local` the workstation itself in its place, and takes the lab there. Rejects with OrchError. */
export type OpenStream = (host: string, signal: AbortSignal, local?: boolean) => Promise<OpenedStream>;

/** A host, and whether the workstation's own agent serves it. */
export interface Destination {
  readonly host: string;
  readonly local: boolean;
}

export interface OpenedStream {
  readonly stream: TaskStream;
  /** How the lab's last run there ended, when that had to be confirmed. */
  readonly settled?: Settled | undefined;
  /** How the lab was brought back after the start of the host, when nothing was run since. */
  readonly restored?: Restored | undefined;
  readonly transport: 'tls' | 'tunnel';
  readonly warm: boolean;
  /** Ends the connection beneath the stream. */
  readonly close: () => Promise<void>;
}

/** No host's name. */
const ownAgent = ' ';

function agentOf(host: string, local: boolean): string {
  return local ? ownAgent : host;
}

/** The streams of a run, one a host, opened when first asked for. */
export class Links {
  readonly #open: OpenStream;
  readonly #signal: AbortSignal;
  readonly #emit: (event: RunEvent) => void;
  readonly #links = new Map<string, Promise<AgentLink>>();
  readonly #unreached = new Set<string>();
  readonly #lastEnds: RunEnd[] = [];
  #onArmed: (host: string, arm: Arm) => void = () => undefined;
  #arm: Arm | undefined;
  readonly #opened: { readonly link: AgentLink; readonly close: () => Promise<void> }[] = [];

  constructor(open: OpenStream, signal: AbortSignal, emit: (event: RunEvent) => void) {
    this.#open = open;
    this.#signal = signal;
    this.#emit = emit;
  }

  /**
   * The stream to a host; a host that could not be reached stays so until `retry` or `again`. All hosts that the workstation's own agent
   * serves share one: they are lanes of it. Rejects with OrchError.
   */
  to({ host, local }: Destination): Promise<AgentLink> {
    const agent = agentOf(host, local);
    let link = this.#links.get(agent);
    if (!link) {
      link = this.#connect(host, local);
      link.catch(() => this.#unreached.add(agent));
      this.#links.set(agent, link);
    }
    return link;
  }

  /** As `to`, but a host that could not be reached, or was lost, is reached anew; `signal` ends the try. */
  async again({ host, local }: Destination, signal: AbortSignal): Promise<AgentLink> {
    const present = await this.#links.get(agentOf(host, local))?.catch(() => undefined);
    if (present !== undefined && !present.lost) return present;
    await this.leave({ host, local });
    const link = this.#connect(host, local, signal);
    this.#links.set(agentOf(host, local), link);
    return link;
  }

  /** Of these hosts, those that could not be reached, or were lost, are reached anew when they are asked for. */
  retry(hosts: readonly string[]): void {
    for (const host of hosts) {
      const lost = this.#opened.findIndex(({ link }) => link.host === host && link.lost);
      if (!this.#unreached.delete(host) && lost < 0) continue;
      this.#links.delete(host);
      if (lost >= 0) void this.#opened.splice(lost, 1)[0]?.close();
    }
  }

  /** Gives the stream to a host up without a word to it; by `again` it is reached anew. */
  async leave({ host, local }: Destination): Promise<void> {
    const link = await this.#links.get(agentOf(host, local))?.catch(() => undefined);
    const at = this.#opened.findIndex((opened) => opened.link === link);
    if (at < 0) return;
    const [opened] = this.#opened.splice(at, 1);
    opened?.link.leave();
    await opened?.close();
  }

  /** Calls back when a host says that it takes the run back unless it is confirmed. */
  whenArmed(callback: (host: string, arm: Arm) => void): void {
    this.#onArmed = callback;
  }

  /** Has all hosts take the run back unless it is confirmed: those that have a stream, and those that will. */
  arm(arm: Arm): void {
    this.#arm = arm;
    for (const { link } of this.#opened) link.arm(arm);
  }

  /**
   * Begins the time until then anew, everywhere, when all hosts are still heard: otherwise the run has failed. Those that are
   * not heard for so long are given up.
   */
  extend(ms: number): void {
    for (const { link } of this.#opened) link.giveUpAfter(ms);
    if (this.#opened.every(({ link }) => link.heard)) for (const { link } of this.#opened) link.extend();
  }

  /** Hosts that have a stream. */
  get hosts(): readonly string[] {
    return this.#opened.map(({ link }) => link.host);
  }

  /**
   * Reaches hosts side by side and tells of each, and of a last run that only some of them kept. Gives those that could not be reached; when another run holds the lab on one
   * of them, that is all of them: a lab is never run in part. With `quiet` those that can't be reached
   * are left to the tasks that need them, and only the others that can't be used are told of and given.
   */
  async reach(destinations: readonly Destination[], { quiet = false } = {}): Promise<ReadonlySet<string>> {
    const lost = new Set<string>();
    let held = false;
    const connecting = destinations.map(async (destination) => {
      const { host } = destination;
      try {
        await this.to(destination);
      } catch (error) {
        if (!(error instanceof OrchError)) throw error;
        held ||= error.code === 'lab-locked';
        if (quiet && isUnreachable(error.code)) return;
        lost.add(host);
        this.#emit({ type: 'host-failed', host, failure: failureOf(error) });
      }
    });
    await Promise.all(connecting);
    for (const mixed of mixedRuns(this.#lastEnds)) {
      const message = `${mixed.said}: this run brings all of them to what the playbook says`;
      this.#emit({ type: 'warning', message });
    }
    return held ? new Set(destinations.map(({ host }) => host)) : lost;
  }

  /** Has every agent throw away what it has not begun; `laterBatches`: what comes in a later batch is still run. */
  dropQueued(laterBatches = false): void {
    for (const { link } of this.#opened) link.dropQueued(laterBatches);
  }

  cancel(): void {
    for (const { link } of this.#opened) link.cancel();
  }

  /** Gives the lab back everywhere, telling each agent how the run went; waits for its last word as AgentLink.close. */
  async close(exit: number, summary: (host: string) => unknown, patienceMs?: number): Promise<void> {
    const closing = this.#opened.map(async ({ link, close }) => {
      await link.close(exit, summary(link.host), patienceMs);
      await close();
    });
    await Promise.all(closing);
  }

  /** Leaves all connections at once, without a word to the agents: after a defect. */
  abandon(): void {
    for (const { close } of this.#opened) void close();
  }

  async #connect(host: string, local: boolean, signal?: AbortSignal): Promise<AgentLink> {
    const startedAt = performance.now();
    const { stream, settled, restored, transport, warm, close } = await this.#open(
      host,
      signal === undefined ? this.#signal : AbortSignal.any([this.#signal, signal]),
      local,
    );
    const link = new AgentLink(host, stream, (arm) => this.#onArmed(host, arm), local);
    this.#opened.push({ link, close });
    if (settled !== undefined) this.#lastEnds.push({ host, run: settled.run, kept: settled.kept });
    if (restored !== undefined) this.#emit({ type: 'warning', host, message: restoredText(restored) });
    if (this.#arm !== undefined) link.arm(this.#arm);
    this.#emit({ type: 'host-connected', host, transport, warm, durationMs: performance.now() - startedAt });
    return link;
  }
}
