import type { Looked, Place } from '../seen/evidence.ts';
import { type Departure, isV6, linkOf, placeOf } from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { outerAddress } from './outer.ts';
import { lowerOf } from './segment.ts';
import { outerPlace } from './tunnel.ts';
import type { Tunnelled } from './tunnelled.ts';
import { endpointOf, peerFor } from './wireguard.ts';

/** How a tunnel sends its outer packets. */
export interface OuterWay {
  readonly from: Node;
  /** The namespace that they are of. */
  readonly start: Place;
  /** Empty: the kernel's choice. */
  readonly sender: string;
  readonly goal: string;
  readonly oif?: string | undefined;
  readonly mark?: number | undefined;
  /** Of WireGuard: the peer's port. */
  readonly port?: number | undefined;
}

/** How a tunnel sends to its other end; undefined: it can't be told. */
export function outerWay(seen: Looked, { from, to }: Tunnelled): OuterWay | undefined {
  const [start, goal] = [outerPlace(seen, from), outerAddress(seen, to, from)];
  if (start === undefined || goal === undefined) return undefined;
  const oif = lowerOf(seen.places, from.place, from.link)?.link.name;
  return { from, start, sender: from.link.tunnel?.local ?? '', goal, oif };
}

/**
 * How a WireGuard device sends to the peer that gets a packet. The kernel does not say where the device was made: not in a
 * namespace that has no other link with an address.
 */
export function wireguardWay(seen: Looked, { stage, dev }: Departure): OuterWay | undefined {
  const place = placeOf(seen, stage);
  const link = linkOf(place, dev);
  const peer = link?.wireguard && peerFor(link.wireguard, stage.to);
  const { address: goal, port } = (peer && endpointOf(peer)) ?? {};
  if (place === undefined || link?.wireguard === undefined || goal === undefined) return undefined;
  const isUplink = ({ dev: other, address }: Place['addresses'][number]) => {
    const by = linkOf(place, other);
    return by !== undefined && by.name !== 'lo' && by.wireguard === undefined && isV6(address) === isV6(goal);
  };
  if (place.netns !== '' && !place.addresses.some(isUplink)) return undefined;
  return { from: { place, link }, start: place, sender: '', goal, mark: link.wireguard.mark, port };
}
