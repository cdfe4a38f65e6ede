/** Something that changed on a host. */
export interface SeenChange {
  readonly host: string;
  /** Empty: the host's own. */
  readonly netns: string;
  /** By the clock of the one who asks, in microseconds. */
  readonly us: number;
  /** link, address, route, rule, nexthop, nft or sysctl. */
  readonly what: string;
  readonly text: string;
}

/** A probe without an answer, after one with, or the first. */
export interface Loss {
  /** When it was sent, in microseconds. */
  readonly us: number;
  /** What came instead of the answer. */
  readonly text: string;
  /** When the last one that was answered was sent; undefined: none was. */
  readonly answeredUs: number | undefined;
}
