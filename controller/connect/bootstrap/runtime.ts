import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { OrchError } from '../../../proto/errors.ts';
import { others, requireOwn } from '../../ownership.ts';
import { packagedNode } from '../../packaged-node.ts';
import { writePrivate } from '../trust/private-file.ts';
import type { Target } from '../types.ts';
import type { HostFacts } from './host-facts.ts';
import { readProgram } from './program.ts';

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

/** Of glibc and GCC: what the builds of nodejs.org ask for, and hosts have. */
const commonLibrary = /^lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)\.so\./;

const preparing = new Map<string, Promise<Runtime>>();

/**
 * Finds a Node for the host's platform: the target's own (orch_node), else this process's where the host can start it (it is as
 * new as the user keeps it, and takes V8's compiled form of the agent), else an installed npm package. Compresses it once (about
 * 2 s), into `cacheFolder`. Throws OrchError 'no-runtime' that says what to do.
 */
export async function runtimeFor(facts: HostFacts, target: Target, cacheFolder: string): Promise<Runtime> {
  const named = target.nodeBinary;
  const candidates = named === undefined ? [ownBinary(facts), packagedBinary(facts)] : [named];
  const problems: string[] = [];
  for (const path of candidates.filter((candidate) => candidate !== undefined)) {
    const problem = await whyNot(path, facts, path !== named);
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    const runtime = preparing.get(path) ?? compress(path, cacheFolder);
    preparing.set(path, runtime);
    return runtime;
  }
  throw noRuntime(facts, target, problems.length === 0 ? undefined : problems.join('\n'));
}

/** True when V8 there may take what V8 here compiled: one major version of Node keeps one version of V8. */
export function runsLikeHere(facts: HostFacts): boolean {
  return machines[facts.arch]?.arch === process.arch && `${facts.node?.major}` === process.versions.node.split('.')[0];
}

/** Why the host cannot start this program; `alone`: nobody has seen to it that its libraries are there. */
async function whyNot(path: string, facts: HostFacts, alone: boolean): Promise<string | undefined> {
  const program = await readProgram(path);
  if (program === undefined) return `${path} is not a program that can be read.`;
  const { machine, glibcMinor, libraries } = program;
  const wanted = machines[facts.arch]?.elf;
  if (wanted !== undefined && machine !== wanted) {
    return `${path} is for another machine (ELF machine ${machine}, not ${wanted}).`;
  }
  if (facts.glibcMinor !== undefined && glibcMinor > facts.glibcMinor) {
    return `${path} needs glibc 2.${glibcMinor}.`;
  }
  const special = alone ? libraries.filter((name) => !commonLibrary.test(name)) : [];
  return special.length === 0 ? undefined : `${path} needs libraries of its own: ${special.join(', ')}.`;
}

function ownBinary(facts: HostFacts): string | undefined {
  const same = process.platform === 'linux' && machines[facts.arch]?.arch === process.arch && facts.libc === 'glibc';
  if (!same || facts.os !== 'Linux') return undefined;
  // Present only where this very process runs on glibc.
  const header = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }).header;
  return header?.glibcVersionRuntime === undefined ? undefined : process.execPath;
}

function packagedBinary(facts: HostFacts): string | undefined {
  const arch = machines[facts.arch]?.arch;
  if (arch === undefined || facts.os !== 'Linux' || facts.libc !== 'glibc') return undefined;
  return packagedNode(arch)?.path;
}

function noRuntime(facts: HostFacts, target: Target, detail: string | undefined): OrchError {
  const arch = machines[facts.arch]?.arch;
  const seen = facts.node ? `its Node is version ${facts.node.major}` : 'it has no Node';
  const libc = facts.glibcMinor === undefined ? facts.libc : `glibc 2.${facts.glibcMinor}`;
  return new OrchError({
    code: 'no-runtime',
    summary: `The agent needs Node ${oldestNode} or later; ${seen}, and orch has none for ${facts.os} ${facts.arch} (${libc}).`,
    detail,
    hint: [
      `Install Node ${oldestNode} on the host, or name a binary for its platform with orch_node`,
      ...(arch !== undefined && facts.libc === 'glibc'
        ? [`, or put one beside orch: npm install --no-save --force node-linux-${arch}@${oldestNode}`]
        : []),
      '.',
    ].join(''),
    where: { host: target.name },
  });
}

async function compress(path: string, cacheFolder: string): Promise<Runtime> {
  const { size, mtimeMs } = await stat(path);
  // What is taken from here runs as root on hosts.
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  requireOwn(cacheFolder, await stat(cacheFolder), others.writing);
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
