import type { ActingHost } from '../../linux/acting-host.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import { outerEnds } from './outer-ends.ts';
import { address, type Peer } from './peer.ts';
import type { Way } from './way.ts';

interface Found {
  readonly devs: Set<string>;
  readonly far: Set<string>;
  readonly near: Set<string>;
}

/**
 * Asks the kernel how it reaches the controller. Peers that are this very machine need no way. Where a link of the way is a
 * tunnel, what carries its outer packets is part of the way.
 */
export async function findWay(peers: readonly Peer[], host: ActingHost): Promise<Way> {
  const found: Found = { devs: new Set(), far: new Set(), near: new Set() };
  const entered = new Set<string>();
  let links: readonly Row[] | undefined;
  let ends = peers;
  while (ends.length > 0) {
    for (const end of ends) await addRoute(end, found, host);
    if (found.devs.size === 0) break;
    links ??= (await host.ip(['link', 'show'])).rows;
    addRelated(found.devs, links);
    const tunnels = links.filter((row) => found.devs.has(name(row)) && !entered.has(name(row)));
    for (const row of tunnels) entered.add(name(row));
    ends = (await Promise.all(tunnels.map((row) => outerEnds(row, host)))).flat();
  }
  return { devs: found.devs, far: [...found.far], near: [...found.near] };
}

async function addRoute(peer: Peer, { devs, far, near }: Found, host: ActingHost): Promise<void> {
  const remote = address(peer.remote);
  const local = address(peer.local);
  if (remote === undefined) return;
  const route = await routeTo(remote, local, host);
  const dev = route === undefined ? undefined : text(route, 'dev');
  if (route === undefined || dev === undefined || dev === 'lo') return;
  devs.add(dev);
  far.add(remote);
  const gateway = text(route, 'gateway');
  if (gateway !== undefined) far.add(gateway);
  for (const own of [local, text(route, 'prefsrc')]) if (own !== undefined) near.add(own);
}

function name(row: Row): string {
  return text(row, 'ifname') ?? '';
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
function addRelated(devs: Set<string>, links: readonly Row[]): void {
  for (let before = 0; before < devs.size; ) {
    before = devs.size;
    for (const row of links) {
      const above = [text(row, 'master')];
      const below = devs.has(name(row)) ? [text(row, 'link'), text(row, 'master')] : [];
      for (const other of below) if (other !== undefined && !('link_netnsid' in row)) devs.add(other);
      if (above.some((other) => other !== undefined && devs.has(other))) devs.add(name(row));
    }
  }
}
