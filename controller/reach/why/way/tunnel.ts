import type { Looked, Place } from '../seen/evidence.ts';
import { placeOf } from '../seen/facts.ts';
import { type Node, nodesOf } from '../seen/node.ts';

/**
 * One thing in which two tunnels do not fit, and the end to be changed first. remote: it is not where the other end is; fdb: a
 * vxlan device has no entry for it; id: the number of the network; port: of UDP; key: of GRE; kind: of the tunnel.
 */
export interface Mismatch {
  readonly what: 'remote' | 'fdb' | 'id' | 'port' | 'key' | 'kind';
  readonly at: Node;
}

/** The other end of a tunnel, as near as its settings come to it. */
export interface Mate {
  readonly node: Node;
  readonly mismatches: readonly Mismatch[];
}

/** Kinds whose devices take packets only from the host that they send to (geneve_lookup, ip_tunnel_lookup). */
const twoSided = new Set('geneve gre gretap ip6gre ip6gretap ipip sit ip6tnl vti vti6'.split(' '));

const fallbacks = new Set(
  ['tunl0', 'gre0', 'gretap0', 'erspan0', 'sit0', 'ip_vti0', 'ip6_vti0', 'ip6tnl0', 'ip6gre0'], // fb_tunnels_only_for_init_net
);

/** A device that came with a tunnel's module: nobody put it there, and it is down until somebody sets it up. */
export function isFallback({ place, link: { name, up } }: Node): boolean {
  return !up && fallbacks.has(name) && !place.addresses.some(({ dev }) => dev === name);
}

/**
 * The tunnels of other namespaces that this one may have been meant for: those that it fits, or would but for one thing.
 * `mac`: what a frame is for, where a vxlan device may have an entry of its own; undefined: all.
 */
export function matesOf(places: readonly Place[], own: Node, mac?: string): readonly Mate[] {
  if (own.link.tunnel === undefined) return [];
  return nodesOf(places).flatMap((node): readonly Mate[] => {
    if (node.link.tunnel === undefined || isFallback(node) || node.place === own.place) return [];
    const mismatches = mismatchesOf(places, own, node, mac);
    return mismatches.length <= 1 ? [{ node, mismatches }] : [];
  });
}

/** The namespace that a tunnel's outer packets are of: that which its device was made in. Undefined: nobody looked at it. */
export function outerPlace({ places }: Looked, { place, link }: Node): Place | undefined {
  return placeOf({ places }, { host: place.host, netns: link.lowerNetns ?? place.netns });
}

/** True for two ends of one tunnel: of those with addresses that fit, of WireGuard that know each other's keys. */
export function areEnds(places: readonly Place[], one: Node, other: Node): boolean {
  const [mine, theirs] = [one.link.wireguard, other.link.wireguard];
  if (mine !== undefined && theirs !== undefined) {
    return mine.peers.some(({ key }) => key === theirs.key) && theirs.peers.some(({ key }) => key === mine.key);
  }
  if (!twoSided.has(one.link.kind) || one.place === other.place || [one, other].some(isFallback)) return false;
  return other.link.tunnel !== undefined && mismatchesOf(places, one, other, undefined).length === 0;
}

function mismatchesOf(places: readonly Place[], own: Node, node: Node, mac: string | undefined): readonly Mismatch[] {
  const [mine, theirs] = [own.link.tunnel, node.link.tunnel];
  if (mine === undefined || theirs === undefined) return [];
  const found: Mismatch[] = [];
  const differ = (what: Mismatch['what'], at = own) => found.push({ what, at });
  if (own.link.kind !== node.link.kind) differ('kind');
  else {
    if (own.link.id !== node.link.id) differ('id');
    if (mine.port !== theirs.port) differ('port');
    if (mine.outKey !== theirs.inKey || mine.inKey !== theirs.outKey) differ('key');
  }
  const there = missing(places, own, node, mac);
  if (there !== undefined) differ(there);
  const back = twoSided.has(node.link.kind) ? missing(places, node, own, undefined) : undefined;
  if (back !== undefined) differ(back, node);
  return found;
}

/** What keeps a tunnel's packets from the host of another; undefined: nothing. */
function missing(
  places: readonly Place[],
  own: Node,
  node: Node,
  mac: string | undefined,
): 'remote' | 'fdb' | undefined {
  const { remote = '' } = own.link.tunnel ?? {};
  // Other kinds without a remote answer whoever they hear.
  if (own.link.kind !== 'vxlan') return remote === '' || isEnd(places, node, remote) ? undefined : 'remote';
  const entries = own.place.fdb.filter(({ dev, dst }) => dev === own.link.name && dst !== undefined);
  const exact = entries.filter((entry) => mac !== undefined && entry.mac === mac);
  const all = goalsOf(own);
  const chosen = exact.length > 0 ? exact.flatMap(({ dst }) => dst ?? []) : all;
  if (chosen.some((dst) => isEnd(places, node, dst) || (isGroup(dst) && dst === node.link.tunnel?.remote)))
    return undefined;
  return exact.length === 0 && all.includes(remote) ? 'remote' : 'fdb';
}

/**
 * True where packets to the address come to this tunnel: to its own, and to any of the namespace that they are of where it has
 * none, or is a vxlan device, whose socket takes them whatever the device sends from (vxlan_create_sock).
 */
function isEnd(places: readonly Place[], node: Node, address: string): boolean {
  const local = node.link.tunnel?.local ?? '';
  if (local === address) return true;
  if (local !== '' && node.link.kind !== 'vxlan') return false;
  // Of one that nobody looked at, nothing speaks against it.
  return outerPlace({ places }, node)?.addresses.some((held) => held.address === address) ?? true;
}

/** Where a tunnel sends what it sends to nobody else: a remote of vxlan is an entry for all, which may have been taken away since. */
export function goalsOf({ place, link }: Node): readonly string[] {
  const { remote = '' } = link.tunnel ?? {};
  if (link.kind !== 'vxlan') return remote === '' ? [] : [remote];
  return place.fdb.flatMap(({ dev, mac, dst }) =>
    dev === link.name && mac === '00:00:00:00:00:00' && dst ? [dst] : [],
  );
}

/** A multicast group (RFC 1112, RFC 4291). */
function isGroup(address: string): boolean {
  return /^(22[4-9]|23\d)\.|^ff/i.test(address);
}
