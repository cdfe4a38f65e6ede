import { createHash } from 'node:crypto';

/** What bytes come to, however many they are. */
export interface Digest<A extends string> {
  readonly size: number;
  /** In hexadecimal digits, under the names of their algorithms. */
  readonly sums: Readonly<Record<A, string>>;
}

/** Size and checksums of all chunks together. */
export async function digestOf<A extends string>(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  algorithms: readonly A[],
): Promise<Digest<A>> {
  const digest = new Digester(algorithms);
  for await (const chunk of chunks) digest.add(chunk);
  return digest.end();
}

/** The same for chunks that somebody else takes, too. */
export class Digester<A extends string> {
  readonly #hashes: ReadonlyMap<A, ReturnType<typeof createHash>>;
  #size = 0;

  constructor(algorithms: readonly A[]) {
    this.#hashes = new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]));
  }

  get size(): number {
    return this.#size;
  }

  add(chunk: Uint8Array): void {
    this.#size += chunk.length;
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  end(): Digest<A> {
    const sums = Object.fromEntries([...this.#hashes].map(([name, hash]) => [name, hash.digest('hex')]));
    return { size: this.#size, sums: sums as Record<A, string> };
  }
}
