/** How probes are sent. */
export interface ProbeSettings {
  /** Echo requests to each target. */
  readonly count: number;
  /** How long an answer to the last request may take, ms. */
  readonly timeoutMs: number;
  /** Bytes of data in a request; undefined: the tool's own (56). */
  readonly size: number | undefined;
  /** Identifier of the requests (ping only); undefined: the tool's choice. */
  readonly ident?: number | undefined;
}

/** Where probes leave from and go to. */
export interface ProbePlace {
  readonly netns?: string | undefined;
  readonly source?: string | undefined;
  readonly targets: readonly string[];
}

/** What one namespace's probes found about one address. */
export interface TargetResult {
  readonly address: string;
  readonly observed: 'reached' | 'unreachable' | 'error';
  readonly rttMs: { readonly min: number; readonly avg: number; readonly max: number } | null;
  /** Address that the kernel sends from. */
  readonly source?: string | undefined;
  /** What ICMP, the tool or the kernel said. */
  readonly message?: string | undefined;
}

/** What a tool saw of one target, before the kernel is asked about it. */
export interface Answers {
  /** Round trips in ms; none: no answer came. */
  readonly rtts: readonly number[];
  /** False: the tool could not send a single request. */
  readonly sent: boolean;
  /** ICMP errors ("Host Unreachable from 10.0.0.1") and the tool's own words. */
  readonly message?: string | undefined;
}

/** A tool's run over one namespace's targets; `fault`: none of them could be probed, and why. */
export type ToolResult =
  | { readonly answers: ReadonlyMap<string, Answers> }
  | { readonly fault: string }
  | { readonly missing: true };

/** ms between two requests to the same target. */
export const periodMs = 20;

/** Round trips as the report has them, to the microsecond. */
export function rttOf(rtts: readonly number[]): TargetResult['rttMs'] {
  if (rtts.length === 0) return null;
  const sum = rtts.reduce((total, rtt) => total + rtt, 0);
  return { min: Math.min(...rtts), avg: Math.round((sum / rtts.length) * 1000) / 1000, max: Math.max(...rtts) };
}
