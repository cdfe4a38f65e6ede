/*
 * The gateway process of the netns driver, a program of its own. It lives in the testbed's network namespace; its
 * listening sockets were made in the machine's, by `orch testbed up`, which hands them over. So 127.0.0.1 of the
 * machine leads to the hosts, and the machine's own namespace gets no link, route or address.
 */
import { connect, Server, type Socket } from 'node:net';

/** Sent with each listening socket: where its connections go. */
export interface RelayTarget {
  readonly address: string;
  readonly port: number;
}

function isTarget(message: unknown): message is RelayTarget {
  return typeof message === 'object' && message !== null && 'address' in message && 'port' in message;
}

function join(client: Socket, target: RelayTarget): void {
  const host = connect({ host: target.address, port: target.port, noDelay: true });
  client.setNoDelay(true);
  // A refusal reaches the client as a reset: its own connection was accepted here.
  host.on('error', () => client.resetAndDestroy());
  client.on('error', () => host.resetAndDestroy());
  host.on('close', () => client.end());
  client.on('close', () => host.end());
  client.pipe(host).pipe(client);
}

process.on('message', (message, server) => {
  if (!isTarget(message) || !(server instanceof Server)) return;
  server.on('connection', (client) => join(client, message));
  process.send?.('taken');
});
process.on('SIGINT', () => undefined);
process.send?.('ready');
