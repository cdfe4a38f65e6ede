import { type Digest, digestOf } from '../../../proto/digest.ts';
import { OrchError } from '../../../proto/errors.ts';
import type { FileAction } from '../../linux/action.ts';
import { isLarge, type LargeContent } from '../../linux/files/large-content.ts';
import { isRoot, mostLinks } from '../../linux/files/safe-path.ts';
import type { FileState, FileView } from '../../linux/host.ts';
import { baseName, folderOf, foldersTo, joined, tidy } from '../../modules/shared/files/path.ts';

/** So many things were imagined: each is another one. */
let made = 0;

interface Imagined {
  readonly state: FileState;
  /** Undefined: what the host has at this path. */
  readonly content?: Buffer | LargeContent | undefined;
}

/**
 * The host's files as a run in check mode would have left them: what its tasks planned, over what is there. So a task that
 * builds on the ones before it plans what it would do after them.
 */
export class ImaginedFiles implements FileView {
  readonly #host: FileView;
  /** Undefined: it would be gone. */
  readonly #files: Map<string, Imagined | undefined>;

  /** A user's own view, to which it is no matter whose word a link is. */
  readonly #isUsers: boolean;

  constructor(host: FileView, files = new Map<string, Imagined | undefined>(), isUsers = false) {
    this.#host = host;
    this.#files = files;
    this.#isUsers = isUsers;
  }

  /** The same over another view of what is there, which may be a user's. */
  over(host: FileView, isUsers: boolean): ImaginedFiles {
    return new ImaginedFiles(host, this.#files, isUsers);
  }

  async stat(path: string): Promise<FileState | undefined> {
    if (this.#files.size === 0) return this.#host.stat(path);
    const place = this.#place(path);
    // "/a/." asks for what a link leads to.
    const through = path.endsWith('/.') ? '/.' : '';
    if (!this.#files.has(place)) return this.#host.stat(`${place}${through}`);
    const state = this.#files.get(place)?.state;
    if (through === '' || state?.kind !== 'symlink')
      return state && this.#isUsers ? { ...state, maker: undefined } : state;
    const end = this.#end(place);
    return end === undefined ? undefined : this.stat(`${end}/.`);
  }

  async readFile(path: string, limit?: number): Promise<Buffer | undefined> {
    const place = this.#place(path);
    const imagined = this.#files.get(place);
    if (!this.#files.has(place)) return this.#host.readFile(place, limit);
    if (imagined?.state.kind === 'symlink') {
      const end = this.#end(place);
      return end === undefined ? undefined : this.readFile(end, limit);
    }
    if (imagined?.content === undefined) return imagined && this.#host.readFile(place, limit);
    if (!isLarge(imagined.content)) return imagined.content;
    const { at } = imagined.content;
    if ('file' in at) return this.#host.readFile(at.file, limit);
    const summary = `What ${path} would have is not here in check mode: it is too large.`;
    throw new OrchError({ code: 'task-failed', summary });
  }

  async readPiece(path: string, from: number, bytes: number): Promise<Buffer | undefined> {
    const place = this.#place(path);
    if (!this.#files.has(place)) return this.#host.readPiece(place, from, bytes);
    return (await this.readFile(path))?.subarray(from, from + bytes);
  }

  async digest<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined> {
    const place = this.#place(path);
    const content = this.#files.get(place)?.content;
    if (content !== undefined && isLarge(content)) {
      const { size, sums } = content;
      if (areKnown(algorithms, sums)) return { size, sums };
    }
    if (!this.#files.has(place)) return this.#host.digest(place, algorithms);
    const bytes = await this.readFile(path);
    return bytes && digestOf([bytes], algorithms);
  }

  async readDir(path: string): Promise<readonly string[] | undefined> {
    const place = this.#place(path);
    if (this.#files.has(place) && this.#files.get(place)?.state.kind !== 'directory') return undefined;
    const there = await this.#host.readDir(place);
    const imagined = [...this.#files].filter(([file]) => file !== '/' && folderOf(file) === place);
    if (there === undefined && !this.#files.has(place)) return undefined;
    const names = new Set(there);
    for (const [file, entry] of imagined) {
      if (entry) names.add(baseName(file));
      else names.delete(baseName(file));
    }
    return [...names].sort();
  }

  clear(): void {
    this.#files.clear();
  }

  /** Notes what a step would do. Throws OrchError where it has no folder to do it in, and none that `isMade` otherwise. */
  async apply(action: FileAction, isMade = (_folder: string) => false): Promise<void> {
    const place = this.#place(action.path);
    // What only a program would have made is not imagined.
    if (action.do === 'mode' && (await this.stat(place)) === undefined) return;
    const folder = folderOf(place);
    const above = await this.stat(`${folder}/.`);
    if (above?.kind !== 'directory' && !(above === undefined && isMade(folder))) {
      throw new OrchError({ code: 'missing-object', summary: `There is no folder ${folder} for ${baseName(place)}.` });
    }
    this.#files.set(place, await this.#after(action, place, above));
  }

  async #after(action: FileAction, place: string, above?: FileState): Promise<Imagined | undefined> {
    const state = await this.stat(place);
    const content = this.#files.get(place)?.content;
    const anew = (kind: FileState['kind'], mode: number, size = 0): FileState => ({
      ...{
        kind,
        mode,
        size,
        uid: 0,
        gid: above && above.mode & 0o2000 ? above.gid : 0,
        mtimeMs: Date.now(),
        inode: `imagined:${++made}`,
      },
    });
    // Of a link: see makerOf.
    const whose = (uid: number) => (isRoot() && (above?.uid || uid)) || undefined;
    switch (action.do) {
      case 'write': {
        const { content: wanted } = action;
        const kept = typeof wanted === 'string' ? Buffer.from(wanted, 'base64') : wanted;
        const size = isLarge(kept) ? kept.size : kept.length;
        const old = state?.kind === 'file' ? state : undefined;
        const owner = action.owner ?? (old && { uid: old.uid, gid: old.gid });
        return {
          state: {
            ...anew('file', action.mode ?? old?.mode ?? 0o644, size),
            ...owner,
            mtimeMs: action.mtime ?? Date.now(),
          },
          content: kept,
        };
      }
      case 'mkdir':
        return { state: anew('directory', action.mode ?? 0o755) };
      case 'touch':
        if (state) return { state: { ...state, mode: action.mode ?? state.mode }, content };
        return { state: anew('file', action.mode ?? 0o644), content: Buffer.alloc(0) };
      case 'times': {
        const time = (said: number | 'now' | undefined) => (said === 'now' ? Date.now() : said);
        const { atime = state?.atimeMs, mtime = state?.mtimeMs ?? 0 } = action;
        return state && { state: { ...state, atimeMs: time(atime), mtimeMs: time(mtime) ?? 0 }, content };
      }
      case 'symlink':
        return {
          state: {
            ...anew('symlink', 0o777, Buffer.byteLength(action.target)),
            target: action.target,
            maker: whose(0),
          },
        };
      case 'link': {
        const source = await this.stat(action.target);
        const { content: its } = this.#files.get(this.#place(action.target)) ?? {};
        return source && { state: source, content: its ?? (await this.readFile(action.target)) };
      }
      case 'mode':
        return state && { state: { ...state, mode: action.mode }, content };
      case 'owner':
        return state && { state: { ...state, uid: action.uid, gid: action.gid, maker: whose(action.uid) }, content };
      case 'unlink':
      case 'rmdir':
        return undefined;
    }
  }

  /** What is no imagined link any more, at the end of those that begin here; undefined where they lead in a circle. */
  #end(link: string): string | undefined {
    let place = link;
    for (let links = 0; links <= mostLinks; links += 1) {
      const state = this.#files.get(place)?.state;
      if (state?.kind !== 'symlink') return place;
      place = this.#place(targetOf(place, state));
    }
    return undefined;
  }

  /** The path with no imagined link on the way to its last name. */
  #place(path: string, links = 0): string {
    const place = tidy(path);
    if (links > mostLinks) return place;
    for (const folder of foldersTo(folderOf(place))) {
      const state = this.#files.get(folder)?.state;
      if (state?.kind !== 'symlink') continue;
      return this.#place(joined(targetOf(folder, state), place.slice(folder.length + 1)), links + 1);
    }
    return place;
  }
}

function areKnown<A extends string>(algorithms: readonly A[], sums: object): sums is Record<A, string> {
  return algorithms.every((algorithm) => algorithm in sums);
}

function targetOf(link: string, { target = '' }: FileState): string {
  return target.startsWith('/') ? target : joined(folderOf(link), target);
}
