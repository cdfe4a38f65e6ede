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
