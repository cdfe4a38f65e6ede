import type { ActingHost } from '../linux/acting-host.ts';
import { formatIp, parseIp } from '../modules/shared/ip-address.ts';
import { type Row, text } from '../modules/shared/rows.ts';
import type { Way } from './way.ts';

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

/** Asks the kernel how it reaches the controller. Peers that are this very machine need no way. */
export async function findWay(peers: readonly Peer[], host: ActingHost): Promise<Way> {
  const devs = new Set<string>();
  const far = new Set<string>();
  const near = new Set<string>();
  for (const peer of peers) {
    const remote = address(peer.remote);
    const local = address(peer.local);
    if (remote === undefined) continue;
    const route = await routeTo(remote, local, host);
    const dev = route === undefined ? undefined : text(route, 'dev');
    if (route === undefined || dev === undefined || dev === 'lo') continue;
    devs.add(dev);
    far.add(remote);
    for (const name of [text(route, 'gateway')]) if (name !== undefined) far.add(name);
    for (const name of [local, text(route, 'prefsrc')]) if (name !== undefined) near.add(name);
  }
  if (devs.size > 0) await addRelated(devs, host);
  return { devs, far: [...far], near: [...near] };
}

async function routeTo(remote: string, local: string | undefined, host: ActingHost): Promise<Row | undefined> {
  const family = remote.includes(':') ? ['-6'] : [];
  const from = local === undefined ? [] : ['from', local];
  try {
    return (await host.ip([...family, 'route', 'get', remote, ...from])).rows[0];
  } catch {
    // No route: there is nothing left to cut.
    return undefined;
  }
}

/** What a link of the way is made of, and what it is part of: parents, masters and ports. */
async function addRelated(devs: Set<string>, host: ActingHost): Promise<void> {
  const links = (await host.ip(['link', 'show'])).rows;
  for (let before = 0; before < devs.size; ) {
    before = devs.size;
    for (const row of links) {
      const name = text(row, 'ifname') ?? '';
      const above = [text(row, 'master')];
      const below = devs.has(name) ? [text(row, 'link'), text(row, 'master')] : [];
      for (const other of below) if (other !== undefined && !('link_netnsid' in row)) devs.add(other);
      if (above.some((other) => other !== undefined && devs.has(other))) devs.add(name);
    }
  }
}

/** The kernel's spelling; a v4 address inside v6 (::ffff:192.0.2.1) as the v4 address that it is. */
function address(words: string | undefined): string | undefined {
  const plain = words?.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
  const parsed = plain === undefined ? undefined : parseIp(plain);
  return parsed === undefined ? undefined : formatIp(parsed);
}
