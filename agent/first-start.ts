// What Node does on a host that has nothing of orch yet: it takes the conversation over from the bootstrap script
// (controller/connect/bootstrap/bootstrap-script.ts, which says what its words mean), puts the files that come, and becomes the agent. So
// Node is started once, and no other program for the files. The build's text of it is given to `node -e`. Descriptors: 0 the
// controller's words, 3 the answers to it, 1 what the script hears.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { machine, type } from 'node:os';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { loadNodesOwn } from './nodes-own.ts';

const [, state = '', run = '', bundle = '', way = ''] = process.argv;
/** Read, and not yet taken. */
let heard: Buffer = Buffer.alloc(0);

function say(line: string): void {
  writeSync(3, `${line}\n`);
}

function fail(what: string, why: unknown): never {
  process.stderr.write(`${why instanceof Error ? why.message : why}\n`);
  say(`fail ${what}`);
  tellScript('failed');
  process.exit(1);
}

function tellScript(word: string): void {
  writeSync(1, `${word}\n`);
}

/** Reads into `room`; the end of the controller's words is the end of this process. */
function read(room: Buffer): number {
  const bytes = readSync(0, room);
  if (bytes === 0) process.exit(1);
  return bytes;
}

function line(): string {
  for (;;) {
    const end = heard.indexOf('\n');
    if (end >= 0) {
      const text = heard.toString('latin1', 0, end);
      heard = heard.subarray(end + 1);
      return text;
    }
    const room = Buffer.allocUnsafe(65_536);
    heard = Buffer.concat([heard, room.subarray(0, read(room))]);
  }
}

function take(bytes: number): Buffer {
  const all = Buffer.allocUnsafe(bytes);
  let filled = heard.copy(all);
  heard = heard.subarray(filled);
  while (filled < bytes) filled += read(all.subarray(filled));
  return all;
}

/** Puts files into the state folder, whole or not at all, in their order; power cuts included. */
function putFiles(compressedBytes: number, count: number): void {
  const files = Array.from({ length: count }, (_, index) => {
    const [bytes, sha256, mode, path = ''] = line().split(' ');
    const beside = join(state, `put.${process.pid}.${index}`);
    return { bytes: Number(bytes), sha256, mode: Number.parseInt(mode ?? '', 8), path: join(state, path), beside };
  });
  let content = unpacked(
    take(compressedBytes),
    files.reduce((sum, { bytes }) => sum + bytes, 1),
  );
  try {
    for (const { bytes, sha256, mode, beside } of files) {
      const own = content.subarray(0, bytes);
      content = content.subarray(bytes);
      if (createHash('sha256').update(own).digest('hex') !== sha256) fail('hash', 'its hash is another');
      const file = openSync(beside, 'wx', mode);
      writeFileSync(file, own);
      // Else a power cut soon after leaves an empty file under the final name.
      fsyncSync(file);
      closeSync(file);
    }
    for (const { path, beside } of files) {
      mkdirSync(dirname(path), { recursive: true });
      renameSync(beside, path);
    }
  } catch (error) {
    for (const { beside } of files) rmSync(beside, { force: true });
    fail('file', error);
  }
}

function unpacked(compressed: Buffer, atMost: number): Buffer {
  try {
    return gunzipSync(compressed, { maxOutputLength: atMost });
  } catch (error) {
    return fail('hash', error);
  }
}

/** Goes on as the agent, in no way other than one that the script has started. */
function becomeAgent(port: string, seconds: number): void {
  const program = join(state, 'agent', bundle, 'agent.cjs');
  process.argv = [process.execPath, program, 'serve', '--state', state, '--run', run, '--port', port];
  // What starts an agent anew takes these; not `-e` and this text.
  process.execArgv.splice(-2);
  process.title = [process.execPath, ...process.execArgv, ...process.argv.slice(1)].join(' ');
  process.chdir('/');
  closeSync(3);
  // The lowest number that is free is the one that was closed (open(2)).
  closeSync(0);
  openSync('/dev/null', 'r');
  closeSync(2);
  openSync(join(state, 'agent.log'), 'a', 0o600);
  setTimeout(() => existsSync(join(run, 'agent.json')) || process.exit(1), seconds * 1000).unref();
  // As Node runs a file, without its look for the path and for a package around it.
  const scope = ['require', 'exports', 'module', '__filename', '__dirname'];
  const enter = compileFunction(readFileSync(program, 'latin1'), scope, { filename: program });
  enter(require, module.exports, module, program, dirname(program));
}

function converse(): void {
  tellScript('begun');
  const { bavail, bsize } = statfsSync(state);
  say(`way ${way}`);
  say(`os ${type()}`);
  say(`arch ${machine()}`);
  say(`node ${process.version} ${process.execPath}`);
  say(`clock ${Math.floor(Date.now() / 1000)}`);
  say(`free ${Math.floor((bavail * bsize) / 1024)}`);
  if (existsSync('/run/systemd/system')) say('systemd present');
  say('end');
  // Meanwhile the files are on their way.
  loadNodesOwn(require);
  let words = line().split(' ');
  for (; words[0] === 'files'; words = line().split(' ')) {
    putFiles(Number(words[1]), Number(words[2]));
    say('done');
  }
  const [verb, , port = '', seconds] = words;
  if (verb !== 'start') fail('verb', `no verb ${verb}`);
  becomeAgent(port, Number(seconds));
}

// The script goes on by itself where this Node is too old for the agent.
if (Number.parseInt(process.versions.node, 10) >= 20) converse();
