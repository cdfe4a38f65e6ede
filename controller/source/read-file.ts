import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { decode } from '../../proto/encoding.ts';
import { OrchError } from '../../proto/errors.ts';
import { openFile } from '../vault/vault.ts';
import { use } from './used-files.ts';

/** Bytes; what loadYaml takes at most, whatever the characters. */
const largestFile = 64 * 1024 * 1024;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
};

/** A text in an encoding that is not UTF-8, by one of Python's names for it. */
function decoded(bytes: Buffer, encoding: string): string {
  try {
    return decode(bytes, encoding, { fatal: false });
  } catch {
    throw new Error(`there is no encoding "${encoding}" here`);
  }
}

/** Text of a file that a person named. Throws OrchError file-not-found with the reason; the caller adds the place. */
export function readSourceFile(path: string, encoding = 'utf-8'): string {
  try {
    const descriptor = openSync(use(path), 'r');
    try {
      if (fstatSync(descriptor).size > largestFile) throw new Error('it is larger than 64 MiB');
      const bytes = openFile(path, readFileSync(descriptor));
      if (!/^utf[-_]?8$/i.test(encoding)) return decoded(bytes, encoding);
      if (!isUtf8(bytes) || bytes.includes(0)) throw new Error('it is not text in UTF-8');
      return bytes.toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof OrchError) {
      throw new OrchError({ code: error.code, summary: `cannot read "${path}": ${error.summary}`, hint: error.hint });
    }
    const { code, message } = error as NodeJS.ErrnoException;
    throw new OrchError({
      code: 'file-not-found',
      summary: `cannot read "${path}": ${reasons[code ?? ''] ?? message}`,
      cause: error,
    });
  }
}

/** False also for what is not there. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
