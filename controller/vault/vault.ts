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

/** Opens an encrypted value, and remembers it as secret. Throws OrchError without a place. */
export function openValue(text: string): string {
  const plain = keyring.open(text).plain.toString('utf8');
  rememberSecret(plain);
  return plain;
}

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
