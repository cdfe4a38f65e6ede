import { formatIp, parseIp } from '../../modules/shared/ip-address.ts';

/** One connection of the controller's. */
export interface Peer {
  /** Where it comes from, as this host sees it. */
  readonly remote: string;
  /** This host's address that it speaks to, where that is known. */
  readonly local?: string | undefined;
}

/** "192.0.2.1 51324 192.0.2.10 22", as sshd's SSH_CONNECTION says it; undefined for anything else. */
export function sshPeer(connection: string): Peer | undefined {
  const [remote, , local] = connection.split(' ');
  return address(remote) === undefined ? undefined : { remote: remote ?? '', local };
}

/** "192.0.2.1:51324" or "::1:51324", as grpc names who calls; undefined for a unix socket. */
export function tcpPeer(name: string): Peer | undefined {
  const remote = name.slice(0, name.lastIndexOf(':'));
  return address(remote) === undefined ? undefined : { remote };
}

/** The kernel's spelling; a v4 address inside v6 (::ffff:192.0.2.1) as the v4 address that it is. */
export function address(words: string | undefined): string | undefined {
  const plain = words?.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
  const parsed = plain === undefined ? undefined : parseIp(plain);
  return parsed === undefined ? undefined : formatIp(parsed);
}
