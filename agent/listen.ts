import { chmodSync } from 'node:fs';
import { type AddressInfo, createServer, type ListenOptions, type Server as NetServer } from 'node:net';
import type { Server } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { FileCredentials } from './credentials.ts';
import { codeOf } from './linux/files/files.ts';

/** Where an agent takes connections. */
export interface Doors {
  /** 0: none. */
  readonly port: number;
  /** Takes no more connections; those that are there stay. Fulfils once they have ended. */
  close(): Promise<unknown>;
}

export interface Where {
  /** 0: any free one; undefined: the socket alone. */
  readonly port: number | undefined;
  /** Undefined: all addresses. */
  readonly bind: string | undefined;
}

/**
 * Opens the port and the root-only socket, both of one TLS server: to make one ready costs a slow host a tenth of a second.
 * Throws OrchError bootstrap-failed.
 */
export async function listen(
  server: Server,
  { port, bind }: Where,
  socket: string,
  credentials: FileCredentials,
): Promise<Doors> {
  const injector = credentials.injectorOf(server);
  const door = () => createServer((connection) => injector.injectConnection(connection));
  const outer = door();
  // Each takes memory before it has shown a certificate.
  outer.maxConnections = 512;
  const tcp = port === undefined ? undefined : await openedPort(outer, bind, port);
  const unix = await opened(door(), { path: socket });
  chmodSync(socket, 0o600);
  return {
    port: tcp === undefined ? 0 : (tcp.address() as AddressInfo).port,
    close: () => Promise.all([tcp, unix].map((door) => door && closed(door))),
  };
}

/**
 * Without an address Node takes '::', which takes IPv4 connections too, or '0.0.0.0' on a host without IPv6. Any user may take a
 * port: where that is so, any free one is as good, which the agent tells over SSH.
 */
async function openedPort(door: NetServer, host: string | undefined, port: number): Promise<NetServer> {
  try {
    return await opened(door, { host, port });
  } catch (failure) {
    if (port > 0 && codeOf(failure) === 'EADDRINUSE') return openedPort(door, host, 0);
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new OrchError({ code: 'bootstrap-failed', summary: `Port ${port} cannot be listened on: ${reason}.` });
  }
}

function opened(door: NetServer, where: ListenOptions): Promise<NetServer> {
  return new Promise((resolve, reject) => {
    // Later ones are of single connections, as where no more files can be opened.
    door.on('error', reject).listen(where, () => resolve(door));
  });
}

function closed(door: NetServer): Promise<unknown> {
  return new Promise((resolve) => door.close(resolve));
}
