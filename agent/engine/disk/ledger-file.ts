import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { notKept, replaceFile, syncFolder, writeWhole } from './kept-file.ts';

const datasync = promisify(fdatasync);

/** An append-only file of one JSON text a line. Every failure is an OrchError 'ledger-failed'. */
export class LedgerFile<R> {
  readonly path: string;
  private readonly parse: (line: string) => R | undefined;
  private descriptor: number | undefined;
  /** Bytes that the open file has. */
  private size = 0;

  /** `parse`: a line as an agent wrote it; undefined for anything else. */
  constructor(path: string, parse: (line: string) => R | undefined) {
    this.path = path;
    this.parse = parse;
  }

  /** All whole records. A last line that a crash cut short is taken off; others that can't be read are counted. */
  read(): { readonly records: readonly R[]; readonly damaged: number } {
    return guarded(this.path, () => {
      if (!existsSync(this.path)) return { records: [], damaged: 0 };
      const bytes = readFileSync(this.path);
      const whole = bytes.lastIndexOf(0x0a) + 1;
      if (whole < bytes.length) truncateSync(this.path, whole);
      const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
      const records = lines.map((line) => this.parse(line)).filter((record) => record !== undefined);
      return { records, damaged: lines.length - records.length };
    });
  }

  /**
   * Writes records in one write(2), so that they are there after this process dies. All or nothing: when the disk is full,
   * what did go in is taken off again, lest the next record be glued to half a line.
   */
  append(records: readonly R[]): void {
    if (records.length === 0) return;
    guarded(this.path, () => {
      const file = this.open();
      const bytes = Buffer.from(text(records));
      try {
        writeWhole(file, bytes);
      } catch (cause) {
        ftruncateSync(file, this.size);
        throw cause;
      }
      this.size += bytes.length;
    });
  }

  /** Waits until all that was written is there after the machine dies. */
  async sync(): Promise<void> {
    try {
      await datasync(this.open());
    } catch (cause) {
      throw notKept('ledger', this.path, cause);
    }
  }

  /** Replaces the whole file at once. */
  rewrite(records: readonly R[]): void {
    guarded(this.path, () => {
      this.close();
      replaceFile(this.path, text(records), true);
    });
  }

  remove(): void {
    guarded(this.path, () => {
      this.close();
      // Most often there is none: a run that changed nothing.
      if (existsSync(this.path)) unlinkSync(this.path);
    });
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private open(): number {
    if (this.descriptor !== undefined) return this.descriptor;
    this.descriptor = openSync(
      this.path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW,
      0o600,
    );
    this.size = fstatSync(this.descriptor).size;
    // Also for a file that is there: whoever made it may have died before its name was on disk.
    syncFolder(dirname(this.path));
    // So may whoever made the folder.
    syncFolder(dirname(dirname(this.path)));
    return this.descriptor;
  }
}

function text(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw notKept('ledger', path, cause);
  }
}
