import { resolve } from 'node:path';
import { isVault } from './cipher.ts';
import { Keyring } from './keyring.ts';
import { rememberSecret } from './secret-texts.ts';

let keyring = new Keyring([]);
const vaulted = new Set<string>();

/** Sets the passwords that files and values of this process are opened with. */
export function useKeyring(given: Keyring): void {
  keyring = given;
}

const opened = new Set<string>();
let closed: Set<string> | undefined;

/** Has encrypted values stay closed from now on, with or without their passwords: what is read is only told. */
export function keepClosed(): void {
  closed = new Set();
}

/** Opens an encrypted value, and remembers it as secret. Throws OrchError without a place. */
export function openValue(text: string): string {
  if (closed) {
    closed.add(text);
    return text;
  }
  const plain = keyring.open(text).plain.toString('utf8');
  rememberSecret(plain);
  opened.add(plain);
  return plain;
}

/** True for what is encrypted, and stays so. */
export const isClosed = (text: string): boolean => closed?.has(text) === true;

/** True for what an encrypted value stands for. */
export const wasOpened = (text: string): boolean => opened.has(text);

/** A file's bytes, opened when they are encrypted. Throws OrchError without a place. */
export function openFile(path: string, bytes: Buffer): Buffer {
  if (!isVault(bytes.subarray(0, 32).toString('latin1'))) return bytes;
  const { plain } = keyring.open(bytes.toString('latin1'));
  vaulted.add(path).add(resolve(path));
  rememberSecret(plain.toString('utf8'));
  return plain;
}

/** True for a file that was encrypted: its lines must not be shown. */
export const wasVaulted = (path: string): boolean => vaulted.has(path);

/** What a file says, which is secret where that was encrypted. */
export function rememberOf<T>(path: string, value: T): T {
  if (wasVaulted(path)) rememberSecret(value);
  return value;
}
