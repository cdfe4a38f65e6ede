import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { OrchError } from '../../proto/errors.ts';
import type { HostFacts } from './host-facts.ts';
import { writePrivate } from './private-file.ts';
import type { Target } from './types.ts';

/** A Node binary to bring along, compressed in the cache. */
export interface Runtime {
  /** SHA-256 of the binary, hex. */
  readonly hash: string;
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly compressedPath: string;
}

export const oldestNode = 20;

/** `uname -m` to Node's word and the machine number in an ELF header. */
const machines: Readonly<Record<string, { arch: string; elf: number }>> = {
  x86_64: { arch: 'x64', elf: 62 },
  aarch64: { arch: 'arm64', elf: 183 },
};

const preparing = new Map<string, Promise<Runtime>>();

/**
 * Finds a Node for the host's platform: the target's own, an installed npm package, or this process's where the
 * platforms are equal. Compresses it once (about 2 s), into `cacheFolder`. Throws OrchError 'no-runtime' that says what to do.
 */
export async function runtimeFor(facts: HostFacts, target: Target, cacheFolder: string): Promise<Runtime> {
  // Packaged ones are built for old C libraries; this process's may need one that the host does not have yet.
  const path = target.nodeBinary ?? packagedBinary(facts) ?? ownBinary(facts);
  const machine = machines[facts.arch];
  if (path === undefined || facts.os !== 'Linux') throw noRuntime(facts, target, undefined);
  const elf = await elfMachine(path);
  if (elf === undefined) throw noRuntime(facts, target, `${path} is not a program that can be read.`);
  if (machine !== undefined && elf !== machine.elf) {
    throw noRuntime(facts, target, `${path} is for another machine (ELF machine ${elf}, not ${machine.elf}).`);
  }
  let runtime = preparing.get(path);
  if (runtime === undefined) {
    runtime = compress(path, cacheFolder);
    preparing.set(path, runtime);
  }
  return runtime;
}

function ownBinary(facts: HostFacts): string | undefined {
  const same = process.platform === 'linux' && machines[facts.arch]?.arch === process.arch && facts.libc === 'glibc';
  if (!same) return undefined;
  // Present only where this very process runs on glibc.
  const header = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }).header;
  return header?.glibcVersionRuntime === undefined ? undefined : process.execPath;
}

function packagedBinary(facts: HostFacts): string | undefined {
  const arch = machines[facts.arch]?.arch;
  if (arch === undefined || facts.libc !== 'glibc') return undefined;
  try {
    return createRequire(import.meta.url).resolve(`node-linux-${arch}/bin/node`);
  } catch {
    return undefined;
  }
}

function noRuntime(facts: HostFacts, target: Target, detail: string | undefined): OrchError {
  const arch = machines[facts.arch]?.arch;
  const seen = facts.node ? `its Node is version ${facts.node.major}` : 'it has no Node';
  return new OrchError({
    code: 'no-runtime',
    summary: `The agent needs Node ${oldestNode} or later; ${seen}, and orch has none for ${facts.os} ${facts.arch} (${facts.libc}).`,
    detail,
    hint: [
      `Install Node ${oldestNode} on the host, or name a binary for its platform with orch_node`,
      ...(arch !== undefined && facts.libc === 'glibc' ? [`, or npm install node-linux-${arch} beside orch`] : []),
      '.',
    ].join(''),
    where: { host: target.name },
  });
}

async function elfMachine(path: string): Promise<number | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20, 0);
    const isElf = bytesRead === 20 && buffer.toString('latin1', 0, 4) === '\x7fELF';
    return isElf ? buffer.readUInt16LE(18) : undefined;
  } finally {
    await file.close();
  }
}

async function compress(path: string, cacheFolder: string): Promise<Runtime> {
  const { size, mtimeMs } = await stat(path);
  const key = createHash('sha256')
    .update(JSON.stringify([path, size, mtimeMs]))
    .digest('hex')
    .slice(0, 32);
  const compressedPath = join(cacheFolder, `${key}.gz`);
  const notes = join(cacheFolder, `${key}.json`);
  const known = await readFile(notes, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  const present = await stat(compressedPath).catch(() => undefined);
  if (typeof known?.hash === 'string' && present?.size === known.compressedBytes) {
    return { hash: known.hash, bytes: size, compressedBytes: known.compressedBytes, compressedPath };
  }
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const temporary = `${compressedPath}.${process.pid}`;
  await pipeline(createReadStream(path), hashing, createGzip({ level: 3 }), createWriteStream(temporary));
  await rename(temporary, compressedPath);
  const { size: compressedBytes } = await stat(compressedPath);
  const runtime = { hash: hash.digest('hex'), bytes: size, compressedBytes, compressedPath };
  await writePrivate(notes, JSON.stringify({ hash: runtime.hash, compressedBytes }));
  return runtime;
}
