import type { ActingHost } from '../linux/acting-host.ts';
import type { FileState } from '../linux/host.ts';
import type { FileView } from './imagined-files.ts';

/** The host's files as a user may read them. */
export class TaskFiles implements FileView {
  readonly #host: ActingHost;
  readonly #user: string;
  #known: Promise<FileView> | undefined;

  constructor(host: ActingHost, user: string) {
    this.#host = host;
    this.#user = user;
  }

  async stat(path: string): Promise<FileState | undefined> {
    return (await this.#files()).stat(path);
  }

  async readFile(path: string, limit?: number): Promise<Buffer | undefined> {
    return (await this.#files()).readFile(path, limit);
  }

  async readDir(path: string): Promise<readonly string[] | undefined> {
    return (await this.#files()).readDir(path);
  }

  /** Asked for with the first file, so that most tasks start nothing for it. */
  #files(): Promise<FileView> {
    this.#known ??= this.#host.filesAs(this.#user);
    return this.#known;
  }
}
