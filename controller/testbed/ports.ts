import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';

/** Listens on 127.0.0.1; port 0 takes a free one. */
export function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) =>
      reject(
        new OrchError({
          code: 'testbed-failed',
          summary: `Port ${port} of 127.0.0.1 is taken: ${cause.message}`,
          hint: '`orch testbed reset` takes other ports.',
          cause,
        }),
      ),
    );
    server.listen({ host: '127.0.0.1', port }, () => resolve(server));
  });
}

/** `count` different free ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Whether an SSH server greets on this port of 127.0.0.1 within `timeoutMs`. */
export function greets(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** Waits until an SSH server greets on `port`; false when `deadline` (epoch ms) passes or `alive` turns false. */
export async function waitForSsh(
  port: number,
  deadline: number,
  alive: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  while (!(await greets(port, 2_000))) {
    if (Date.now() > deadline || !alive()) return false;
    await delay(100, undefined, { signal });
  }
  return true;
}
