import { createPrivateKey, createPublicKey } from 'node:crypto';
import { checked } from '../fields.ts';

/** PKCS #8 of an X25519 key up to its 32 bytes (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

function bytesOf(key: string): Buffer | undefined {
  const bytes = Buffer.from(key, 'base64');
  return /^[A-Za-z0-9+/]{43}=$/.test(key) && bytes.length === 32 ? bytes : undefined;
}

export function isKey(text: string): boolean {
  return bytesOf(text) !== undefined;
}

/** A key of WireGuard; the message doesn't repeat it. */
export const keyField = checked((text) =>
  isKey(text) ? undefined : 'is no key as wg prints it: 44 characters of base64',
);

/** As the kernel keeps a private key (RFC 7748, section 5): the bits that don't count are set. */
export function clamped(key: string): string {
  const bytes = bytesOf(key);
  if (bytes === undefined) return key;
  bytes[0] = (bytes[0] ?? 0) & 248;
  bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
  return bytes.toString('base64');
}

export function publicKeyOf(key: string): string {
  const der = Buffer.concat([pkcs8, Buffer.from(key, 'base64')]);
  const own = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return createPublicKey(own).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}
