/** Types of messages and flags of headers (include/uapi/linux/netlink.h, rtnetlink.h). */
export const messageType = { error: 2, done: 3, link: 16, address: 20, route: 24 } as const;
const interrupted = 0x10;

const headerBytes = 16;

/** One message of a dump: what follows its header. */
export interface Message {
  readonly type: number;
  readonly body: Buffer;
}

/**
 * The messages of whole dumps, one after the other, of a kernel whose numbers are little-endian. Undefined unless each of
 * the `dumps` has ended well: cut short, refused, or interrupted by a change (NLM_F_DUMP_INTR).
 */
export function messagesOf(bytes: Buffer, dumps: number): readonly Message[] | undefined {
  const messages: Message[] = [];
  let ended = 0;
  for (let at = 0; at < bytes.length; ) {
    if (at + headerBytes > bytes.length) return undefined;
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (length < headerBytes || at + length > bytes.length) return undefined;
    if (type === messageType.error || (bytes.readUInt16LE(at + 6) & interrupted) !== 0) return undefined;
    const body = bytes.subarray(at + headerBytes, at + length);
    if (type !== messageType.done) messages.push({ type, body });
    else if (body.length < 4 || body.readInt32LE(0) !== 0) return undefined;
    else ended += 1;
    at += aligned(length);
  }
  return ended === dumps ? messages : undefined;
}

/**
 * Attributes by their types, the flags of nested ones left away. Undefined where they, or the `from` bytes before them, are not whole,
 * or one comes twice.
 */
export function attributesOf(body: Buffer, from: number): ReadonlyMap<number, Buffer> | undefined {
  const attributes = new Map<number, Buffer>();
  const end = body.length;
  if (end < from) return undefined;
  let count = 0;
  for (let at = from; at < end; count++) {
    if (at + 4 > end) return undefined;
    const length = short(body, at);
    if (length < 4 || at + length > end) return undefined;
    attributes.set(short(body, at + 2) & 0x3fff, body.subarray(at + 4, at + length));
    at += aligned(length);
  }
  return attributes.size === count ? attributes : undefined;
}

/** A number of 16 bits. There are twenty thousand in 200 namespaces, and Buffer's own way takes four calls for each. */
function short(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** A text up to its end mark; undefined unless that is its last byte. */
export function textOf(value: Buffer): string | undefined {
  return value.indexOf(0) === value.length - 1 ? value.toString('utf8', 0, value.length - 1) : undefined;
}

/** A number of 32 bits; undefined for anything of another length. */
export function numberOf(value: Buffer): number | undefined {
  return value.length === 4 ? value.readUInt32LE(0) : undefined;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
