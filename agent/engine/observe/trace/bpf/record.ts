import type { Sighting } from '../sighting.ts';

/** What a program tells of a packet: where each part begins, and the bytes of all. */
export const record = {
  ns: 0,
  packet: 8,
  place: 16,
  netns: 20,
  device: 24,
  protocol: 40,
  /** Why it was dropped. */
  reason: 44,
  location: 48,
  /** How many bytes of the header, with what follows, could be read; it may be outside of what is kept. */
  known: 80,
  head: 88,
  bytes: 184,
} as const;

/** Bytes of a device's name (IFNAMSIZ, linux/if.h), of a function's, which is cut, and of the header with what follows. */
export const partBytes = {
  device: 16,
  location: record.known - record.location,
  head: record.bytes - record.head,
} as const;

/** What was told, with the places' names by their numbers. */
export function readRecord(bytes: Buffer, places: readonly string[]): Sighting | undefined {
  const event = places[bytes.readUInt32LE(record.place)];
  if (event === undefined) return undefined;
  const known = Math.max(0, bytes.readInt32LE(record.known));
  return {
    ...{ event, us: Number(bytes.readBigUInt64LE(record.ns) / 1000n) },
    packet: `0x${bytes.readBigUInt64LE(record.packet).toString(16)}`,
    device: text(bytes, record.device, partBytes.device, 'utf8'),
    netnsInode: bytes.readUInt32LE(record.netns),
    protocol: bytes.readUInt32LE(record.protocol),
    head: bytes.subarray(record.head, record.bytes).subarray(0, known),
    reason: bytes.readUInt32LE(record.reason),
    // `name [module]`, and parts of a function have their own: `name.isra.0`.
    location: /^[\w.]+/.exec(text(bytes, record.location, partBytes.location, 'latin1'))?.[0] ?? '',
  };
}

function text(bytes: Buffer, at: number, most: number, encoding: 'utf8' | 'latin1'): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString(encoding, at, Math.min(end < 0 ? at + most : end, at + most));
}
