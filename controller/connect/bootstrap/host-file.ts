import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RootTalk } from './root-talk.ts';
import type { Runtime } from './runtime.ts';

const compress = promisify(gzip);

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

export async function contentFile(path: string, content: Buffer | string): Promise<HostFile> {
  const compressed = await compress(content);
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

/**
 * Sends files without waiting for the answer: one stream of gzip for all of them (RFC 1952 2.2 lets members follow each
 * other), so that a slow host starts few programs.
 */
export async function sendFiles(talk: RootTalk, files: readonly HostFile[]): Promise<void> {
  const compressedBytes = files.reduce((sum, file) => sum + file.compressedBytes, 0);
  talk.send(`files ${compressedBytes} ${files.length}`);
  for (const { bytes, sha256, mode, path } of files) talk.send(`${bytes} ${sha256} ${mode} ${path}`);
  for (const file of files) await talk.sendBytes(file.compressed());
}
