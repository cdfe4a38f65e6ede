import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { chmod, type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Digester } from '../../../proto/digest.ts';
import { OrchError } from '../../../proto/errors.ts';
import type { Chunks } from './chunks.ts';
import { contentSums, heldBytes, type LargeContent } from './large-content.ts';

/** On a disk: /tmp may be in memory (file-hierarchy(7)). */
const parent = '/var/tmp';
const folderName = /^orch-spool-(\d+)-/;

/** Takes a content as it comes. */
export type Keep = (chunks: Chunks) => Promise<Buffer | LargeContent>;

/** Files of one task on the way to their places, which its user may read. Nothing is made before the first one comes. */
export class Spool {
  readonly #owner: () => Promise<{ uid: number; gid: number } | undefined>;
  readonly #progress: () => void;
  #folder: Promise<string> | undefined;
  #files = 0;

  /** `owner`: the task's user; undefined: the agent's own. `progress` is told whenever something comes. */
  constructor(owner: () => Promise<{ uid: number; gid: number } | undefined>, progress: () => void) {
    this.#owner = owner;
    this.#progress = progress;
  }

  /** Takes a content as it comes: a large one goes into a file. Rejects with errors of the file system, as of a full disk. */
  async keep(chunks: Chunks): Promise<Buffer | LargeContent> {
    const held: Uint8Array[] = [];
    const digester = new Digester(contentSums);
    let file: FileHandle | undefined;
    let path = '';
    try {
      for await (const chunk of chunks) {
        this.#progress();
        digester.add(chunk);
        held.push(chunk);
        if (digester.size <= heldBytes) continue;
        if (file === undefined) {
          path = await this.#newPath();
          file = await this.#create(path);
        }
        for (const part of held.splice(0)) await file.writeFile(part).catch(noRoom);
      }
    } finally {
      await file?.close();
    }
    return file === undefined ? Buffer.concat(held) : { ...digester.end(), at: { file: path } };
  }

  /** The path of a new file with this content. */
  async fileWith(content: Buffer): Promise<string> {
    const path = await this.#newPath();
    const file = await this.#create(path);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return path;
  }

  /** Takes all of it away. */
  async remove(): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  async #create(path: string): Promise<FileHandle> {
    const file = await open(path, 'wx', 0o600);
    const owner = await this.#owner();
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    return file;
  }

  async #newPath(): Promise<string> {
    this.#folder ??= newFolder();
    return join(await this.#folder, String(++this.#files));
  }
}

/** Says where it is, as nobody has named the place. */
function noRoom(cause: unknown): never {
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new OrchError({ code: 'task-failed', summary: `${parent}, by way of which large contents go: ${why}`, cause });
}

/** One that others may pass through and not look into. */
async function newFolder(): Promise<string> {
  const folder = mkdtempSync(join(parent, `orch-spool-${process.pid}-`));
  await chmod(folder, 0o711);
  return folder;
}

/** Takes away what agents of this user left that were killed. Another's folder may be made to lead elsewhere meanwhile. */
export function sweepSpools(): void {
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const [, pid = ''] = folderName.exec(name) ?? [];
    if (pid === '' || existsSync(`/proc/${pid}`)) continue;
    const path = join(parent, name);
    try {
      if (lstatSync(path).uid === process.geteuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another agent was there first, or it can't be taken away: no reason not to start.
    }
  }
}
