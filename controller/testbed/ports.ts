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

/** Whether 127.0.0.1:`port` takes a connection and, where `greeting` is given, first says it, within `timeoutMs`. */
function answers(port: number, timeoutMs: number, greeting?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    if (greeting === undefined) socket.once('connect', () => end(true));
    else socket.once('data', (data) => end(data.toString('latin1').startsWith(greeting)));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

type Wait = (port: number, deadline: number, alive: () => boolean, signal: AbortSignal) => Promise<boolean>;

const waitFor =
  (greeting?: string): Wait =>
  async (port, deadline, alive, signal) => {
    // The first SYNs meet nobody, and TCP repeats them after a second only: ask anew, with more patience each time.
    for (let patience = 200; !(await answers(port, patience, greeting)); patience = Math.min(patience + 200, 5_000)) {
      if (Date.now() > deadline || !alive()) return false;
      await delay(100, undefined, { signal });
    }
    return true;
  };

/** Waits until `port` of 127.0.0.1 takes connections; false when `deadline` (epoch ms) passes or `alive` turns false. */
export const waitForListener = waitFor();

/** The same until an SSH server greets there. */
export const waitForSsh = waitFor('SSH-');
