/** How sure a verdict is: certain only when both the kernel's own reason and the setting at fault were seen. */
export type Confidence = 'certain' | 'likely' | 'unknown';

/** Where and why a probe failed, and what mends it. */
export interface Verdict {
  /** Name of the cause's file: rp-filter. */
  readonly cause: string;
  readonly confidence: Confidence;
  readonly host: string;
  /** Empty: the host's own. */
  readonly netns: string;
  readonly device?: string | undefined;
  readonly direction: 'request' | 'reply';
  /** One sentence with the values that were seen. */
  readonly sentence: string;
  /** What was seen that proves it, or speaks for it. */
  readonly proof: readonly string[];
  /** Why what one would try first does not help. */
  readonly beware?: string | undefined;
  readonly mend?: Mend | undefined;
}

/** Tasks that mend a fault, for a play on `host`. */
export interface Mend {
  readonly host: string;
  /** In YAML, to paste below `tasks:`. */
  readonly tasks: string;
}

/** One place where the probe's packet, its answer or a question for a MAC was. */
export interface Hop {
  readonly direction: 'request' | 'reply';
  readonly host: string;
  /** Empty: the host's own. */
  readonly netns: string;
  /** Empty: inside the namespace, at no device. */
  readonly device: string;
  readonly what: 'asked' | 'sent' | 'received' | 'forwarded' | 'delivered' | 'dropped';
  /** In words. */
  readonly text: string;
  /** Microseconds since the first one; undefined: it was not seen, but follows from the hosts' state. */
  readonly us?: number | undefined;
}

/** How much of the packets could be watched on a host. */
export interface WatchedHost {
  readonly host: string;
  readonly level: 'none' | 'static' | 'kprobe' | 'fprobe' | 'bpf';
  readonly lacking: readonly string[];
  /** How far its times may be off, in microseconds. */
  readonly clockErrorUs: number;
}

/** The answer of `orch why`. */
export interface WhyReport {
  readonly version: 1;
  readonly from: string;
  readonly to: string;
  /** The address that was asked. */
  readonly address: string;
  readonly protocol: string;
  readonly outcome: 'replied' | 'refused' | 'silent' | 'unreachable' | 'error';
  /** What the probe's tool or the kernel said. */
  readonly message: string;
  readonly rttMs?: number | undefined;
  /** In the order in which they bite; the first one is why it failed. Empty when it arrived. */
  readonly verdicts: readonly Verdict[];
  readonly way: readonly Hop[];
  readonly watched: readonly WatchedHost[];
  /** With --fix. */
  readonly fix?: FixReport;
}

/** A cell of the matrix. */
export interface CellName {
  readonly from: string;
  readonly to: string;
  readonly address: string;
}

/** One fault, with the cells that it makes differ from their expectation. */
export interface SharedVerdict extends Verdict {
  /** Probed again: the first fault on their way. */
  readonly cells: readonly CellName[];
  /** Probed again: it would come next, once the first one is mended. */
  readonly later: readonly CellName[];
  /** Not probed again, but in the row or column of such cells, and of those of no other fault. */
  readonly alike: readonly CellName[];
}

/** Why cells of a run differ from their expectation. */
export interface RunWhy {
  /** In the order in which they were found. */
  readonly verdicts: readonly SharedVerdict[];
  /** Expected unreachable and reached: there is no fault to look for. */
  readonly unwanted: readonly CellName[];
  /** Answered when they were probed again. */
  readonly answered: readonly CellName[];
  /** Not probed again, and why. */
  readonly open: readonly { readonly reason: string; readonly cells: readonly CellName[] }[];
}

/** What became of mending a fault. */
export interface FixReport {
  /** Nothing was changed; the first mend would be tried. */
  readonly dryRun: boolean;
  readonly lab: string;
  /** Under which `orch rollback` knows it; undefined: nothing was tried. */
  readonly run?: string | undefined;
  /** Faults whose mends were tried, in the order in which they bite. */
  readonly mended: readonly Verdict[];
  /** The probe is answered, nothing else is worse, and the hosts keep the change. */
  readonly kept: boolean;
  /** Why nothing was mended or kept; empty when it was. */
  readonly reason: string;
  /** A host could not be reached, or a mend could not be carried out. */
  readonly failed: boolean;
  /** Cells of the last run's matrix that the change would have made worse. */
  readonly worse: readonly CellName[];
  /** How many were compared. */
  readonly compared: number;
  /** What is on the way behind the mends that were tried. */
  readonly left: readonly Verdict[];
}
