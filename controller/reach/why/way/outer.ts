import type { Looked, Place, PlaceName } from '../seen/evidence.ts';
import { isAt, isLinkLocal, isV6, lengthOf, longestMatch, placeOf, sameNetwork } from '../seen/facts.ts';
import { type Node, nodesOf } from '../seen/node.ts';
import { upwards } from './segment.ts';
import { matesOf, outerPlace } from './tunnel.ts';

/** The addresses that a tunnel's outer packets may have at its end: none that are behind the tunnel themselves. */
export function outerAddresses({ places }: Looked, node: Node): Place['addresses'] {
  const outer = outerPlace({ places }, node);
  const behind = upwards(places, node).filter(({ place }) => place === outer);
  return outer?.addresses.filter(({ dev }) => !behind.some(({ link }) => link.name === dev)) ?? [];
}

/**
 * The address by which packets of the other end come to a tunnel: its own, what that one sends to where it takes any of its
 * host's, or one in a network that the other end's host is in, too. Undefined: it can't be told.
 */
export function outerAddress(seen: Looked, to: Node, from: Node): string | undefined {
  const [own, far] = [to.link.tunnel?.local ?? '', from.link.tunnel];
  const entries = from.place.fdb.filter(({ dev }) => dev === from.link.name).map(({ dst }) => dst);
  const aims = [far?.remote, ...entries];
  const held = outerAddresses(seen, to);
  const told = held.find(({ address }) => aims.includes(address))?.address;
  if (own !== '') return to.link.kind === 'vxlan' ? (told ?? own) : own;
  // A group's family is that of the packets.
  const family = far?.remote || far?.local;
  const near = held.find(
    ({ address, prefix }) =>
      !isLinkLocal(address) &&
      (!family || isV6(family) === isV6(address)) &&
      outerAddresses(seen, from).some((one) => one.address !== address && sameNetwork(one.address, address, prefix)),
  );
  return told ?? near?.address;
}

/**
 * The places without the tunnels of a namespace that no way to a network leads through: their own packets have no way, or would
 * take the one that leads there.
 */
export function withoutTunnelsTo(
  places: readonly Place[],
  at: PlaceName,
  { address, prefix }: { readonly address: string; readonly prefix: number },
): readonly Place[] {
  const routes = placeOf({ places }, at)?.routes.filter(({ table }) => table !== 'local') ?? [];
  const needsWay = (goal: string | undefined): boolean => {
    if (goal === undefined) return false;
    const route = longestMatch(routes, goal);
    if (route?.type !== 'unicast') return true;
    return sameNetwork(goal, address, prefix) && lengthOf(route.dst) <= prefix;
  };
  const isLost = (node: Node) =>
    node.link.tunnel !== undefined &&
    isAt(outerPlace({ places }, node) ?? node.place, at) &&
    matesOf(places, node).some(({ node: mate }) => needsWay(outerAddress({ places }, mate, node)));
  const lost = new Set(
    nodesOf(places)
      .filter(isLost)
      .map(({ link }) => link),
  );
  return places.map((place) => ({ ...place, links: place.links.filter((link) => !lost.has(link)) }));
}
