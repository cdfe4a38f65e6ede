import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, pipeline } from 'node:stream';
import type { AgentPaths } from './agent-paths.ts';
import { bridgeBanner, bridgeCommand } from './bootstrap/bootstrap-script.ts';
import type { HostLink } from './bootstrap/host-link.ts';
import { RootTalk } from './bootstrap/root-talk.ts';
import type { Target } from './types.ts';

/** A unix socket on this side whose connections end at the agent's root-only socket on the host. */
export interface Tunnel {
  /** For grpc: unix:/path. */
  readonly address: string;
  close(): Promise<void>;
}

export interface TunnelEnd {
  readonly target: Target;
  readonly paths: AgentPaths;
  readonly node: string;
  readonly bundle: string;
}

/** Of tunnels that are open: a process that is told to exit must not leave them. */
const folders = new Set<string>();

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Listens in a folder that only this user may enter; grpc has no way to be handed a stream. */
export async function openTunnel(link: HostLink, end: TunnelEnd, signal: AbortSignal): Promise<Tunnel> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-tunnel-'));
  if (folders.size === 0) process.once('exit', removeFolders);
  folders.add(folder);
  const path = join(folder, 'agent.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    openAgentStream(link, end, signal).then(
      (stream) => splice(socket, stream),
      (error: Error) => socket.destroy(error),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    address: `unix:${path}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
      folders.delete(folder);
      if (folders.size === 0) process.off('exit', removeFolders);
    },
  };
}

/** Root's sshd opens the socket itself; for others, and where sshd may not forward, the agent relays as root. */
async function openAgentStream(link: HostLink, end: TunnelEnd, signal: AbortSignal): Promise<Duplex> {
  try {
    return await link.openSocket(`${end.paths.run}/agent.sock`);
  } catch {
    const talk = new RootTalk(await link.exec(bridgeCommand), end.target, signal);
    await talk.begin(bridgeBanner);
    talk.send(end.node);
    talk.send(`${end.paths.state}/agent/${end.bundle}/agent.cjs`);
    talk.send(end.paths.run);
    talk.release();
    return talk.stdio;
  }
}

// Either end may break first: both are destroyed, and nobody is left with an unheard 'error'.
function splice(socket: Socket, stream: Duplex): void {
  stream.on('error', () => socket.destroy());
  pipeline(socket, stream, () => stream.destroy());
  pipeline(stream, socket, () => socket.destroy());
}
