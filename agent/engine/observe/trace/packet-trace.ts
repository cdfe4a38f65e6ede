import type { TraceLevel } from '../../../../proto/gen/orch/v1/agent.ts';
import type { Sighting } from './sighting.ts';

/** Packets of a flow are watched, by some means, until it is closed. */
export interface PacketTrace {
  readonly level: TraceLevel;
  /** What could not be had of it, and why. */
  readonly lacking: readonly string[];
  /** Names of drop reasons on this kernel. */
  readonly reasons: ReadonlyMap<number, string>;
  /** Ends it and tells what was seen; `lost`: what of that is not told. */
  collect(): Promise<{ readonly seen: readonly Sighting[]; readonly lost?: string | undefined }>;
  close(): Promise<void>;
}
