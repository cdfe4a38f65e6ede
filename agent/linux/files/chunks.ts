/** Bytes as they come. */
export type Chunks = AsyncIterable<Uint8Array>;

/** All of them in memory. */
export async function joined(chunks: Chunks): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** The same chunks; throws what `beyond` makes where they are more than `limit` bytes. */
export async function* upTo(chunks: Chunks, limit: number, beyond: () => Error): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw beyond();
    yield chunk;
  }
}
