import type { AgentConnection } from '../connect/types.ts';

/** A run that its hosts take back unless it is confirmed. */
export interface ArmedRun {
  readonly lab: string;
  readonly run: string;
  readonly hosts: readonly string[];
  /** How long a host waits for the next word. */
  readonly seconds: number;
  readonly holder: string;
  /** Makes a new connection to a host. */
  readonly connect: (host: string, signal: AbortSignal) => Promise<AgentConnection>;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/** What became of the run on one host. */
export interface HostOutcome {
  readonly host: string;
  /** unknown: the host could not be asked. It takes the run back by itself, unless it had heard the last word. */
  readonly state: 'kept' | 'taken-back' | 'unknown';
  readonly message: string;
}
