import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import { withLock } from '../lock.ts';
import { others } from '../ownership.ts';
import { nodeOptions } from './agent-paths.ts';
import { openChannel, type Peer, stopAgent } from './channel.ts';
import type { Connector } from './connector.ts';
import { seconds, withDeadline } from './deadline.ts';
import { type Dialled, dial, OtherAgent } from './dial.ts';
import type { KeyedCertificate } from './trust/authority.ts';
import { certificatesIn, isFresh } from './trust/pem.ts';
import { readPrivate, writePrivate } from './trust/private-file.ts';
import type { AgentConnection, Target } from './types.ts';

const agentName = 'local.agent.orch';
/** It is started anew in a second. */
const idleSeconds = 120;
/** How many times as long as an answer its start may take. */
const startPatience = 3;
/** Names of unix sockets may be 107 bytes long (unix(7)). */
const longestSocket = 107;

/** Whether a target is this very machine, and no other user is needed there. */
export function isOwn({ connection, become }: Target): boolean {
  return connection === 'local' && (process.geteuid?.() === 0 || !become);
}

/**
 * Reaches the workstation's own agent, a process of this user behind a private socket, and starts it when there is none.
 * Throws OrchError bootstrap-failed, connect-timeout, version-skew.
 */
export async function connectLocal(
  connector: Connector,
  target: Target,
  signal: AbortSignal,
): Promise<AgentConnection> {
  const state = connector.localFolder;
  const run = runFolder(state);
  const socket = join(run, 'agent.sock');
  const { authority } = await connector.identity();
  const peer = { authority: authority.certificate, serverName: agentName };
  const way = { connector, target, socket, peer };
  const present = (await hasTls(authority, state)) ? await answer(way) : undefined;
  if (present !== undefined && present !== 'other') return connection(target, present, true);
  // Two that make its files or start it at the same time would spoil it for each other.
  const lock = { timeoutMs: startPatience * target.timeoutMs, signal, code: 'bootstrap-failed' } as const;
  return withLock(join(state, 'start.lock'), lock, async () => {
    if (!(await hasTls(authority, state))) await makeTls(authority, state);
    const known = await answer(way);
    if (known !== undefined && known !== 'other') return connection(target, known, true);
    if (known === 'other') await makeRoom(way);
    await start(connector, state, run, target, signal);
    const started = await answer(way);
    if (started !== undefined && started !== 'other') return connection(target, started, false);
    throw new OrchError({
      code: 'bootstrap-failed',
      summary: "This machine's own agent was started and does not answer.",
      hint: `See ${join(state, 'agent.log')}.`,
      where: { host: target.name },
    });
  });
}

interface Way {
  readonly connector: Connector;
  readonly target: Target;
  readonly socket: string;
  readonly peer: Peer;
}

function connection({ name }: Target, { client, hello }: Dialled, warm: boolean): AgentConnection {
  return { host: name, hello, client, transport: 'tunnel', warm, close: async () => client.close() };
}

/** `other`: an agent of another build; undefined: none. */
async function answer({ connector, target, socket, peer }: Way): Promise<Dialled | 'other' | undefined> {
  if (!existsSync(socket)) return undefined;
  try {
    return await dial(connector, `unix:${socket}`, peer, target.timeoutMs);
  } catch (error) {
    return error instanceof OtherAgent ? 'other' : undefined;
  }
}

/** Has an agent of another build end; it does not while a run is under way. */
async function makeRoom({ connector, target, socket, peer }: Way): Promise<void> {
  const client = openChannel(`unix:${socket}`, await connector.identity(), peer);
  try {
    const { stopping, reason } = await stopAgent(client, target.timeoutMs);
    if (!stopping) {
      throw new OrchError({
        code: 'version-skew',
        summary: `This machine's own agent is of another version of orch, and busy. ${reason}`,
        hint: 'Wait until that is over.',
        where: { host: target.name },
      });
    }
  } finally {
    client.close();
  }
  for (const until = Date.now() + target.timeoutMs; existsSync(socket) && Date.now() < until; ) await sleep(20);
}

/** Where the socket is: beside the agent's files, or, where that name would be too long, in the folder for temporary files. */
function runFolder(state: string): string {
  const beside = join(state, 'run');
  if (Buffer.byteLength(join(beside, 'agent.sock')) <= longestSocket) return beside;
  const name = createHash('sha256').update(state).digest('hex').slice(0, 16);
  return join(tmpdir(), `orch-${process.geteuid?.() ?? 0}-${name}`);
}

/** Whether the agent has its TLS files, and they are not about to end. */
async function hasTls({ certificate }: KeyedCertificate, state: string): Promise<boolean> {
  const [leaf = '', issuer] = certificatesIn((await readPrivate(join(state, 'tls/agent.pem'), others.writing)) ?? '');
  return isFresh(leaf, agentName) && issuer === certificate;
}

async function makeTls(authority: KeyedCertificate, state: string): Promise<void> {
  const { mint } = await import('./trust/authority.ts');
  const minted = await mint(authority, 'server', agentName);
  const tls = join(state, 'tls');
  await writePrivate(join(tls, 'ca.pem'), authority.certificate);
  await writePrivate(join(tls, 'agent.key'), minted.key);
  await writePrivate(join(tls, 'agent.pem'), minted.certificate + authority.certificate);
}

/** Starts the agent in a session of its own, and waits until it says that it serves. */
async function start(
  { bundlePath }: Connector,
  state: string,
  run: string,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  const path = join(state, 'agent.log');
  const log = await open(path, 'a', 0o600);
  try {
    const args = ['serve', '--state', state, '--run', run, '--port', 'none', '--idle', String(idleSeconds)];
    const child = spawn(process.execPath, [...nodeOptions, bundlePath, ...args], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', log.fd],
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      // It says one line.
      child.stdout?.once('data', () => resolve());
      child.once('exit', (status) => reject(new Error(`it ended with ${status ?? 'a signal'}`)));
    });
    await withDeadline(ready, startPatience * target.timeoutMs, signal, () => {
      child.kill();
      return notStarted(target, path, `it did not serve within ${seconds(startPatience * target.timeoutMs)}`);
    });
    child.stdout?.destroy();
    child.unref();
  } catch (error) {
    if (error instanceof OrchError) throw error;
    throw notStarted(target, path, (error as Error).message);
  } finally {
    await log.close();
  }
}

function notStarted({ name }: Target, log: string, why: string): OrchError {
  return new OrchError({
    code: 'bootstrap-failed',
    summary: `This machine's own agent could not be started: ${why}.`,
    hint: `See ${log}.`,
    where: { host: name },
  });
}
