import type { Evidence } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { covers, type Departure, departures, holdersOf, lengthOf, linkOf, placeOf } from '../seen/facts.ts';
import { type Node, nodesOf } from '../seen/node.ts';
import { type OuterFilter, outerFilters } from './outer-filters.ts';
import { outerPlace } from './tunnel.ts';

type Wireguard = NonNullable<Link['wireguard']>;
export type WireguardPeer = Wireguard['peers'][number];

/** A packet that leaves by a WireGuard device. */
export interface WireguardHop {
  readonly departure: Departure;
  readonly own: Node;
  readonly settings: Wireguard;
  /** Who gets the packet, by allowed-ips; undefined: nobody. */
  readonly peer: WireguardPeer | undefined;
  /** The device whose key that peer has; without a peer, the device with the address of the next hop. */
  readonly far: (Node & { readonly settings: Wireguard }) | undefined;
  /** The device with the address of the next hop, or else behind the peer's endpoint, where it has another key than the peer. */
  readonly stranger: (Node & { readonly settings: Wireguard }) | undefined;
}

/** The source with which a packet leaves: rules may have given it another one. */
export function sourceAbroad({ stages }: Pick<Evidence, 'stages'>, { index, stage }: Departure): string {
  const next = stages[index + 1];
  return next?.direction === stage.direction ? next.from : stage.from;
}

/** The peer that gets packets for an address, or may send them: that of the longest of allowed-ips (drivers/net/wireguard/allowedips.c). */
export function peerFor({ peers }: Wireguard, to: string): WireguardPeer | undefined {
  const longest = ({ allowedIps }: WireguardPeer) =>
    Math.max(-1, ...allowedIps.filter((network) => covers(network, to)).map(lengthOf));
  const [best] = peers.toSorted((one, other) => longest(other) - longest(one));
  return best !== undefined && longest(best) >= 0 ? best : undefined;
}

/** Where a peer's packets go to; undefined: not known. */
export function endpointOf({
  endpoint,
}: WireguardPeer): { readonly address: string; readonly port: number } | undefined {
  const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(endpoint) ?? [];
  return address === undefined ? undefined : { address, port: Number(port) };
}

/** True when a host has the address of a peer's endpoint, in any of its namespaces: a device hears in that where it was made. */
export function isHostOf(evidence: Evidence, { place }: Node, peer: WireguardPeer): boolean {
  const { address = '' } = endpointOf(peer) ?? {};
  return holdersOf(evidence, address).some((holder) => holder.place.host === place.host);
}

/** True for the device that hears at a peer's endpoint. */
export function listensAt({ place, settings }: Node & { readonly settings: Wireguard }, peer: WireguardPeer): boolean {
  const { address, port } = endpointOf(peer) ?? {};
  return port === settings.port && place.addresses.some((held) => held.address === address);
}

/** What may drop what a device sends its peer, at the peer's host. */
export function peerFilters(evidence: Evidence, { peer, far }: WireguardHop): readonly OuterFilter[] {
  const { address = '' } = (peer && endpointOf(peer)) ?? {};
  const holder = holdersOf(evidence, address).find(({ place }) => place.host === far?.place.host);
  const outer = far === undefined ? undefined : (holder?.place ?? outerPlace(evidence, far));
  if (peer === undefined || far === undefined || outer === undefined) return [];
  const to = address === '' ? [] : [address];
  const packets = { kind: far.link.kind, port: far.settings.port, from: [], to, bridged: undefined };
  return outerFilters(outer, packets, 'received');
}

export function wireguardHops(evidence: Evidence): readonly WireguardHop[] {
  const all = nodesOf(evidence.places).flatMap((node) =>
    node.link.wireguard === undefined ? [] : [{ ...node, settings: node.link.wireguard }],
  );
  return departures(evidence).flatMap((departure): readonly WireguardHop[] => {
    const { stage, dev, nextHop } = departure;
    const place = placeOf(evidence, stage);
    const link = linkOf(place, dev);
    if (place === undefined || link?.wireguard === undefined) return [];
    const settings = link.wireguard;
    const peer = peerFor(settings, stage.to);
    const keyed = all.find((node) => node.settings.key === peer?.key);
    const holder =
      holdersOf(evidence, nextHop)
        .map((held) => all.find((node) => node.place === held.place && node.link.name === held.dev))
        .find((node) => node !== undefined) ?? all.find((node) => peer !== undefined && listensAt(node, peer));
    const far = peer === undefined ? holder : keyed;
    const stranger = peer !== undefined && holder !== undefined && holder !== keyed ? holder : undefined;
    return [{ departure, own: { place, link }, settings, peer, far, stranger }];
  });
}

/** What of a key tells it from others. */
export function keyText(key: string): string {
  return key.length > 12 ? `${key.slice(0, 8)}...` : key;
}
