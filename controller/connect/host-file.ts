import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { RootTalk } from './root-talk.ts';
import type { Runtime } from './runtime.ts';

/** A file to put into the state folder of a host. */
export interface HostFile {
  /** Under the state folder; without blanks. */
  readonly path: string;
  /** Octal. */
  readonly mode: '600' | '700';
  /** Of the content, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly compressed: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

export function contentFile(path: string, content: Buffer | string): HostFile {
  const compressed = gzipSync(content);
  return {
    path,
    mode: '600',
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: Buffer.byteLength(content),
    compressedBytes: compressed.length,
    compressed: () => [compressed],
  };
}

export function runtimeFile(path: string, runtime: Runtime): HostFile {
  const { hash: sha256, bytes, compressedBytes, compressedPath } = runtime;
  return { path, mode: '700', sha256, bytes, compressedBytes, compressed: () => createReadStream(compressedPath) };
}

/** Sends a file without waiting for the answer. */
export async function sendFile(talk: RootTalk, file: HostFile): Promise<void> {
  talk.send(`file ${file.compressedBytes} ${file.sha256} ${file.mode} ${file.path}`);
  await talk.sendBytes(file.compressed());
}
