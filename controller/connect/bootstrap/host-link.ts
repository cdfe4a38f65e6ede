import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect as connectUnix } from 'node:net';
import { Duplex } from 'node:stream';
import type { SshDialer } from '../ssh/ssh-dialer.ts';
import type { Target } from '../types.ts';
import type { Stdio } from './root-talk.ts';

/** A way to a host on which commands run: an SSH session, or this very machine. */
export interface HostLink {
  /** Where the agent's port may be found; undefined: only through the link. */
  readonly address: string | undefined;
  /** Name that its agent must prove: no other host's, because it comes of the key that the host proved. */
  readonly agentName: string;
  exec(command: string): Promise<Stdio>;
  /** A stream to a unix socket, as the login user. */
  openSocket(path: string): Promise<Duplex>;
  /** Ends what runs through it. */
  close(): void;
}

export async function openLink(dialer: SshDialer, target: Target, signal: AbortSignal): Promise<HostLink> {
  if (target.connection === 'local') return localLink();
  const { session, settings } = await dialer.open(target, signal);
  return {
    // Behind a proxy the address means something there, not here.
    address: settings.proxyJump.length > 0 || settings.proxyCommand !== undefined ? undefined : settings.hostname,
    agentName: agentName(createHash('sha256').update(session.hostKey).digest('hex').slice(0, 40)),
    exec: (command) => session.exec(command),
    openSocket: (path) => session.forwardUnix(path),
    close: () => session.close(),
  };
}

function agentName(host: string): string {
  return `${host}.agent.orch`;
}

function localLink(): HostLink {
  const opened: Duplex[] = [];
  return {
    address: '127.0.0.1',
    agentName: agentName('local'),
    exec: async (command) => {
      const child = spawn('sh', ['-c', command], { stdio: 'pipe' });
      const stdio = Duplex.from({ readable: child.stdout, writable: child.stdin });
      child.on('error', (error) => stdio.destroy(error));
      opened.push(stdio);
      return Object.assign(stdio, { stderr: child.stderr });
    },
    openSocket: (path) =>
      new Promise((resolve, reject) => {
        const socket = connectUnix(path);
        socket.once('connect', () => resolve(socket));
        socket.once('error', reject);
      }),
    close: () => {
      for (const stdio of opened) stdio.end();
    },
  };
}
