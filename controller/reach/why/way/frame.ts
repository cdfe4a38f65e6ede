import type { Evidence, Place } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { keyOf, type Node, nodesOf } from '../seen/node.ts';
import type { Obstacle } from './obstacle.ts';
import { lowerOf, stacked, standsOn, switchedBy, wiresOf } from './segment.ts';
import { matesOf } from './tunnel.ts';

/** What a frame is: to all (ARP), to a group (neighbour discovery), or to one MAC. */
export type Cast = 'broadcast' | 'multicast' | { readonly mac: string };

/** A frame at a device: come in by it, or about to leave. `tag`: its VLAN; 0: untagged. */
interface At {
  readonly node: Node;
  readonly goes: 'in' | 'out';
  readonly tag: number;
}

interface Move {
  readonly to: At;
  readonly obstacles: readonly Obstacle[];
}

/** How a frame gets from one device to another. */
export interface FrameWay {
  /** What it meets; nothing where it arrives. */
  readonly obstacles: readonly Obstacle[];
  /** The devices that it comes in by or leaves by, both ends among them. */
  readonly crossed: readonly (Node & { readonly goes: 'in' | 'out' })[];
}

/**
 * A frame's way over what connects two devices: pairs, stacked devices, VLANs, bridges and tunnels, by their settings.
 * Cables, carriers and devices that are down do not count here.
 */
export class Frames {
  private readonly nodes: readonly Node[];
  private readonly wires: readonly (readonly [Node, Node])[];

  private readonly places: Evidence['places'];

  constructor(places: Evidence['places']) {
    this.places = places;
    this.nodes = nodesOf(places);
    this.wires = wiresOf(places);
  }

  /** The way on which a frame meets the least. Undefined where none leads there, whatever the settings. */
  way(from: Node, to: Node, cast: Cast): FrameWay | undefined {
    const found = new Set<string>();
    const waiting: (Move & Pick<FrameWay, 'crossed'>)[] = [
      { to: { node: from, goes: 'out', tag: 0 }, obstacles: [], crossed: [] },
    ];
    for (;;) {
      // Those with the fewest come first, so that the first to arrive is the best.
      waiting.sort((one, other) => one.obstacles.length - other.obstacles.length);
      const next = waiting.shift();
      if (next === undefined) return undefined;
      const { node, goes, tag } = next.to;
      const key = `${keyOf(node)} ${goes} ${tag}`;
      if (found.has(key)) continue;
      found.add(key);
      const crossed = [...next.crossed, { ...node, goes }];
      const isThere = goes === 'in' && tag === 0 && node.link === to.link && node.place === to.place;
      if (isThere) return { obstacles: next.obstacles, crossed };
      const moves = goes === 'in' ? this.comeIn(next.to, cast) : this.leave(next.to, cast);
      waiting.push(
        ...moves.map((move) => ({ to: move.to, obstacles: [...next.obstacles, ...move.obstacles], crossed })),
      );
    }
  }

  private leave({ node, tag }: At, cast: Cast): readonly Move[] {
    const { place, link } = node;
    if (link.kind === 'bridge') return this.bridged(place, link, link, tag, cast);
    if (link.kind === 'bond') return this.portsOf(place, link).map((port) => pass({ place, link: port }, 'out', tag));
    const below = lowerOf(this.places, place, link);
    if (link.kind === 'vlan') return below === undefined ? [] : [pass(below, 'out', link.id ?? 0)];
    if (stacked.has(link.kind)) {
      if (below === undefined) return [];
      const siblings = this.above(below).filter((other) => other.link !== link && other.link.kind === link.kind);
      return [pass(below, 'out', tag), ...siblings.map((sibling) => pass(sibling, 'in', tag))];
    }
    if (link.kind === 'veth' && below !== undefined) return [pass(below, 'in', tag)];
    if (link.tunnel !== undefined) {
      return matesOf(this.places, node, typeof cast === 'string' ? undefined : cast.mac).map(
        ({ node: mate, mismatches }) => ({
          to: { node: mate, goes: 'in', tag },
          obstacles: mismatches.map((mismatch) => ({ ...mismatch.at, what: 'tunnel', mismatch, mate })),
        }),
      );
    }
    return this.wires.flatMap(([one, other]) => (one.link === link ? [pass(other, 'in', tag)] : []));
  }

  private comeIn({ node, tag }: At, cast: Cast): readonly Move[] {
    const { place, link } = node;
    const master = switchedBy(place, link);
    if (master?.kind === 'bridge') return this.bridged(place, master, link, tag, cast);
    if (master !== undefined) return [pass({ place, link: master }, 'in', tag)];
    const moves = this.above(node).map((upper): Move => {
      if (upper.link.kind !== 'vlan') return pass(upper, 'in', tag);
      const obstacles: readonly Obstacle[] = upper.link.id === tag ? [] : [{ ...upper, what: 'tag', tag }];
      return { to: { node: upper, goes: 'in', tag: 0 }, obstacles };
    });
    // A tag that no device on it takes.
    if (tag !== 0) moves.push({ to: { node, goes: 'in', tag: 0 }, obstacles: [{ ...node, what: 'tag', tag }] });
    return moves;
  }

  private bridged(place: Place, bridge: Link, entry: Link, tag: number, cast: Cast): readonly Move[] {
    const atEntry: Obstacle[] = [];
    const own = { place, link: entry };
    if (isStopped(entry)) atEntry.push({ ...own, what: 'port-state' });
    const filtering = bridge.bridge?.vlanFiltering === true;
    const pvid = entry.vlans?.find((vlan) => vlan.pvid)?.id;
    const vlan = tag === 0 ? (pvid ?? 0) : tag;
    if (filtering && tag === 0 && entry.vlans !== undefined && pvid === undefined)
      atEntry.push({ ...own, what: 'no-pvid' });
    if (filtering && tag !== 0 && !isMember(entry, tag)) {
      atEntry.push({ ...own, what: 'vlan', vlan: tag, from: undefined });
    }
    const exits = [bridge, ...this.portsOf(place, bridge)].filter((exit) => exit !== entry);
    return exits.map((exit): Move => {
      const at = { place, link: exit };
      const obstacles = [...atEntry, ...portObstacles(at, entry), ...floodObstacles(at, bridge, vlan, cast)];
      const from = tag === 0 ? entry : undefined;
      if (filtering && vlan !== 0 && !isMember(exit, vlan)) obstacles.push({ ...at, what: 'vlan', vlan, from });
      const to = { node: at, goes: exit === bridge ? ('in' as const) : ('out' as const) };
      return { to: { ...to, tag: filtering ? tagAt(exit, vlan, tag) : tag }, obstacles };
    });
  }

  private portsOf(place: Place, master: Link): readonly Link[] {
    return place.links.filter((link) => link.master === master.name);
  }

  /** The devices stacked on one. */
  private above(node: Node): readonly Node[] {
    return this.nodes.filter((upper) => standsOn(this.places, upper, node));
  }
}

function pass(node: Node, goes: At['goes'], tag: number): Move {
  return { to: { node, goes, tag }, obstacles: [] };
}

/** A port that is down or unplugged is disabled for that alone. */
function isStopped({ up, carrier, bridgePort }: Link): boolean {
  return up && carrier && bridgePort !== undefined && bridgePort.state !== 'forwarding';
}

function portObstacles(at: Node, entry: Link): readonly Obstacle[] {
  const isolated = entry.bridgePort?.isolated === true && at.link.bridgePort?.isolated === true;
  return [
    ...(isStopped(at.link) ? [{ ...at, what: 'port-state' } as const] : []),
    ...(isolated ? [{ ...at, what: 'isolated', from: entry } as const] : []),
  ];
}

function floodObstacles(at: Node, bridge: Link, vlan: number, cast: Cast): readonly Obstacle[] {
  const { place, link } = at;
  const port = link.bridgePort;
  if (cast === 'broadcast') return port?.bcastFlood === false ? [{ ...at, what: 'flood', flag: 'bcast_flood' }] : [];
  if (cast === 'multicast') return port?.mcastFlood === false ? [{ ...at, what: 'flood', flag: 'mcast_flood' }] : [];
  // Without vlan_filtering a bridge looks for entries without a VLAN (br_allowed_ingress in net/bridge/br_vlan.c).
  const asked = bridge.bridge?.vlanFiltering === true ? vlan : undefined;
  const entries = place.fdb.filter(
    ({ mac, master, vlan: id }) => mac === cast.mac && master === bridge.name && id === asked,
  );
  if (entries.some(({ dev }) => dev === link.name) || (link === bridge && link.mac === cast.mac)) return [];
  const [entry] = entries;
  if (entry !== undefined) return [{ ...at, what: 'fdb', entry }];
  return port?.flood === false ? [{ ...at, what: 'flood', flag: 'flood' }] : [];
}

/** Where nobody read a port's VLANs, it is not what is in the way. */
function isMember(link: Link, vlan: number): boolean {
  return link.vlans === undefined || link.vlans.some(({ id }) => id === vlan);
}

/** How a frame of a VLAN that came with `tag` leaves; by a port that is no member, as it came or as that port's own do. */
function tagAt(link: Link, vlan: number, tag: number): number {
  const member = link.vlans?.find(({ id }) => id === vlan);
  if (member !== undefined) return member.untagged ? 0 : vlan;
  return tag === 0 && link.vlans?.some(({ untagged }) => untagged) === true ? 0 : vlan;
}
