import type { Direction, Lookup } from '../seen/evidence.ts';

/** What to ask a kernel of: `ip route get to from FROM iif IIF` in a namespace. */
interface LookupQuery {
  readonly host: string;
  readonly netns: string;
  readonly to: string;
  /** Undefined: the kernel's choice. */
  readonly from?: string | undefined;
  readonly iif?: string | undefined;
  /** The device to leave by, which an address of one link does not say. */
  readonly oif?: string | undefined;
  /** fwmark; undefined: none. */
  readonly mark?: number | undefined;
  /** As a packet of the probe, with its protocol and ports; undefined: as any other between the two addresses. */
  readonly direction?: Direction | undefined;
  /** The other end's port, where nftables gave it another one than that of the question. */
  readonly port?: number | undefined;
}

export type AskLookup = (query: LookupQuery) => Promise<Lookup>;
