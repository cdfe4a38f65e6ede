import type { Digest } from '../../../proto/digest.ts';

/**
 * A content that is too large to be part of a message or of the ledger: known by its size and sums, and by what has it: a file
 * of this host, or the workstation, which sends it when it is asked for it by this name.
 */
export interface LargeContent extends Digest<(typeof contentSums)[number]> {
  readonly at: { readonly file: string } | { readonly apart: string };
}

/** Whether a content is known by its sums alone. */
export function isLarge(content: Uint8Array | LargeContent): content is LargeContent {
  return 'sums' in content;
}

/** Of a large content so much is in memory. */
export const pieceBytes = 1024 * 1024;

/** Larger contents are no part of messages, and the ledger does not keep them to put a file back. */
export const heldBytes = 1024 * 1024;

/** `sha1` is what results tell, `sha256` what is trusted. */
export const contentSums = ['sha1', 'sha256'] as const;
