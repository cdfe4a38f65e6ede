import type { Bpf } from './bpf.ts';
import type { NftMatches, NftTracer } from './nft-tracer.ts';
import type { TraceInstance } from './trace-instance.ts';

/** What the host offers to see packets go by. */
export interface Tracers {
  /** Programs that the kernel runs, which the caller closes. Throws OrchError 'unsupported-by-host'. */
  openBpf(): Bpf;
  /** An instance of the kernel's tracing, which the caller closes. Throws OrchError 'unsupported-by-host'. */
  openTrace(): TraceInstance;
  /** The kernel's description of its types. Rejects with OrchError 'unsupported-by-host' where there is none. */
  readBtf(): Promise<Buffer>;
  /**
   * Traces in nftables what a match picks out, until the caller closes it; undefined where there are no tables. Throws
   * OrchError with the tool's words.
   */
  traceNft(netns: string | undefined, matches: readonly NftMatches[]): Promise<NftTracer | undefined>;
}
