import { connect as connectTcp, type Socket } from 'node:net';
import { OrchError } from '../../../proto/errors.ts';
import { seconds, withDeadline } from '../deadline.ts';
import type { SshSettings } from './ssh-settings.ts';

/** TCP with a deadline and without Nagle's delay (which costs ssh2 40 ms for each round trip). Throws OrchError 'host-unreachable'. */
export function openTcp(host: string, settings: SshSettings, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const { hostname: address, port } = settings;
  const ms = Math.min(timeoutMs, settings.connectTimeoutMs ?? timeoutMs);
  const socket = connectTcp({ host: address, port, noDelay: true });
  const unreachable = (why: string, hint: string) =>
    new OrchError({
      code: 'host-unreachable',
      summary: `No connection to ${address} port ${port}: ${why}.`,
      hint,
      where: { host },
    });
  const work = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(...explain(error))));
  });
  return withDeadline(work, ms, signal, () =>
    unreachable(`no answer within ${seconds(ms)}`, 'Is the host up, and does no firewall drop the port?'),
  ).catch((error: unknown) => {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  });
}

function explain(error: NodeJS.ErrnoException): [why: string, hint: string] {
  switch (error.code) {
    case 'ECONNREFUSED':
      return ['connection refused', 'Is sshd running there, and is ansible_port right?'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['the name cannot be resolved', 'Set ansible_host, or mend DNS.'];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return ['no route to the host', 'Is the host up, and on a network that this workstation reaches?'];
    default:
      return [error.message, 'Try `ssh` to the same address.'];
  }
}
