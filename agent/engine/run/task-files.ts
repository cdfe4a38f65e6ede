import type { Digest } from '../../../proto/digest.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { FileState, FileView } from '../../linux/host.ts';

/** The host's files as a user may read them. */
export class TaskFiles implements FileView {
  readonly #host: ActingHost;
  readonly #user: string;

  constructor(host: ActingHost, user: string) {
    this.#host = host;
    this.#user = user;
  }

  async stat(path: string): Promise<FileState | undefined> {
    return (await this.#host.filesAs(this.#user)).stat(path);
  }

  async readFile(path: string, limit?: number): Promise<Buffer | undefined> {
    return (await this.#host.filesAs(this.#user)).readFile(path, limit);
  }

  async readPiece(path: string, from: number, bytes: number): Promise<Buffer | undefined> {
    return (await this.#host.filesAs(this.#user)).readPiece(path, from, bytes);
  }

  async digest<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined> {
    return (await this.#host.filesAs(this.#user)).digest(path, algorithms);
  }

  async readDir(path: string): Promise<readonly string[] | undefined> {
    return (await this.#host.filesAs(this.#user)).readDir(path);
  }
}
