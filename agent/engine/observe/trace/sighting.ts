/** A packet seen at a place of the kernel, by whatever means. */
export interface Sighting {
  /** Name of the place. */
  readonly event: string;
  /** CLOCK_MONOTONIC, microseconds. */
  readonly us: number;
  /** Its address in memory. */
  readonly packet: string;
  /** Empty: it has none. */
  readonly device: string;
  readonly netnsInode: number;
  /** As etherTypes has it. */
  readonly protocol: number;
  /** Its header of IP or ARP with what follows; empty: it lies where nothing was kept. */
  readonly head: Buffer;
  /** Why it was dropped, as a number of this kernel. */
  readonly reason: number;
  /** The function that dropped it. */
  readonly location: string;
}
