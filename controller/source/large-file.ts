import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { contentSums, heldBytes, pieceBytes } from '../../agent/modules/module.ts';
import { type Digest, digestOf } from '../../proto/digest.ts';

type ContentDigest = Digest<(typeof contentSums)[number]>;

/** What is known already, under path, size and time: a playbook may copy a file to a hundred hosts. */
const known = new Map<string, Promise<ContentDigest>>();

/** Size and sums of a file that is too large to be part of a message; undefined for others. `isOther` is asked about its first bytes. */
export async function largeFile(path: string, isOther: (head: string) => boolean): Promise<ContentDigest | undefined> {
  const file = await open(path);
  try {
    const { size, mtimeMs, ino } = await file.stat();
    if (size <= heldBytes) return undefined;
    const { buffer } = await file.read({ buffer: Buffer.alloc(32), position: 0 });
    if (isOther(buffer.toString('latin1'))) return undefined;
    const key = JSON.stringify([path, size, mtimeMs, ino]);
    const digest = known.get(key) ?? digestOf(createReadStream(path, { highWaterMark: pieceBytes }), contentSums);
    known.set(key, digest);
    return await digest;
  } finally {
    await file.close();
  }
}
