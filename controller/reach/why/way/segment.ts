import type { Evidence, Place, PlaceName } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { holdersOf, linkOf, placeOf } from '../seen/facts.ts';
import { keyOf, type Node, nodesOf } from '../seen/node.ts';
import { type Network, networksOf, Overlaps } from './networks.ts';
import { areEnds } from './tunnel.ts';
import { peerFor } from './wireguard.ts';

/** A device of a namespace. */
export interface Port extends PlaceName {
  readonly dev: string;
}

export const stacked = new Set(['ipvlan', 'ipvtap', 'macvlan', 'macvtap']);
const numbered = new Set(['vlan', 'vxlan', 'geneve']);

/** The device below a stacked one, or the other end of a veth. It may be in another namespace of the host. */
export function lowerOf(places: readonly Place[], place: Place, link: Link): Node | undefined {
  const { lower, lowerIndex, lowerNetns } = link;
  const at =
    lowerNetns === undefined ? place : places.find((one) => one.host === place.host && one.netns === lowerNetns);
  const found = at?.links.find((other) => (lower === undefined ? other.index === lowerIndex : other.name === lower));
  return at === undefined || found === undefined || found === link ? undefined : { place: at, link: found };
}

/** A port, and the devices that what leaves by it goes through below: of a VLAN's device those that carry it. */
export function downwards(places: readonly Place[], port: Port): readonly Port[] {
  const found = [port];
  for (const { host, netns, dev } of found) {
    const place = places.find((one) => one.host === host && one.netns === netns);
    const link = place?.links.find(({ name }) => name === dev);
    const below = link?.kind === 'vlan' && place ? lowerOf(places, place, link) : undefined;
    // Devices are stacked no deeper (MAX_NEST_DEV, include/linux/netdevice.h).
    if (below !== undefined && found.length <= 8) found.push({ host, netns: below.place.netns, dev: below.link.name });
  }
  return found;
}

/** True for a device that is stacked on another one: a VLAN's, or one that shares it. */
export function standsOn(places: readonly Place[], { place, link }: Node, below: Node): boolean {
  if (place.host !== below.place.host || !(link.kind === 'vlan' || stacked.has(link.kind))) return false;
  return lowerOf(places, place, link)?.link === below.link;
}

/** A device, and those that what comes in by it goes up through: the bridge or bond that has it, and what is stacked on these. */
export function upwards(places: readonly Place[], node: Node): readonly Node[] {
  const found = new Map([[node.link, node]]);
  // The map grows while it is gone through.
  for (const at of found.values()) {
    const master = switchedBy(at.place, at.link);
    if (master !== undefined) found.set(master, { place: at.place, link: master });
    for (const upper of nodesOf(places)) if (standsOn(places, upper, at)) found.set(upper.link, upper);
  }
  return [...found.values()];
}

/** The bridge or bond that has taken a device in: packets come in by that. A VRF's devices stay themselves. */
export function switchedBy(place: Place, link: Link): Link | undefined {
  const master = place.links.find(({ name }) => name === link.master);
  return master === undefined || master.kind === 'vrf' ? undefined : master;
}

/** Devices whose other end nobody sees: of a machine's own, and of pairs that lead out of what was looked at. */
function leadsOut(places: readonly Place[], { place, link }: Node): boolean {
  if (link.kind === 'veth') return lowerOf(places, place, link) === undefined;
  return link.kind === '' && link.name !== 'lo';
}

/** What leads out of a host by a device. */
interface Outward {
  readonly node: Node;
  /** The group of devices that it is heard by on its host. */
  readonly root: string;
  readonly plain: Overlaps;
  readonly tagged: readonly { readonly root: string; readonly id: Link['id']; readonly held: Overlaps }[];
  /** Networks of all that hears it, those too that several hosts may have each to itself; undefined: none that tells anything. */
  readonly all: Overlaps | undefined;
}

/** What leads out, and the group of each device. */
function outwardOf(places: readonly Place[]): {
  readonly outward: readonly Outward[];
  readonly rootOf: (node: Node) => string;
} {
  const nodes = nodesOf(places);
  const groups = new Groups();
  for (const node of nodes) joinOwn(groups, places, node);
  const rootOf = (node: Node) => groups.root(keyOf(node));
  const leading = nodes.filter((node) => leadsOut(places, node));
  const roots = new Set(leading.map(rootOf));
  const carrierOf = (node: Node) => (node.link.kind === 'vlan' ? lowerOf(places, node.place, node.link) : undefined);
  const own = networksOf(nodes, (node) => roots.has(rootOf(carrierOf(node) ?? node)) || roots.has(rootOf(node)));
  const networks = new Map<string, Map<string, Network>>();
  for (const node of nodes) {
    const known = networks.get(rootOf(node)) ?? new Map<string, Network>();
    for (const network of own.get(keyOf(node)) ?? []) known.set(network.name, network);
    networks.set(rootOf(node), known);
  }
  const known = (node: Node) => [...(networks.get(rootOf(node))?.values() ?? [])];
  const heard = (node: Node) => known(node).filter((one) => !one.isRepeated);
  const tagged = nodes.flatMap((node) => {
    const below = carrierOf(node);
    return below === undefined ? [] : [{ root: rootOf(below), id: node.link.id, held: new Overlaps(heard(node)) }];
  });
  const outward = leading.map((node) => ({
    node,
    root: rootOf(node),
    // A pair's other end may be a container, whose bridge leads nowhere.
    plain: new Overlaps([...(own.get(keyOf(node)) ?? []), ...(node.link.kind === 'veth' ? [] : heard(node))]),
    tagged: tagged.filter(({ root }) => root === rootOf(node)),
    all: known(node).every(({ isSingle }) => isSingle) ? undefined : new Overlaps(known(node)),
  }));
  return { outward, rootOf };
}

/** What hangs on one wire outside, as far as addresses of one network tell. */
export function wiresOf(places: readonly Place[]): readonly (readonly [Node, Node])[] {
  const { outward } = outwardOf(places);
  const shareVlan = (mine: Outward['tagged'], theirs: Outward['tagged']) =>
    mine.some((one) => theirs.some((other) => one.id === other.id && one.held.with(other.held)));
  return outward.flatMap((one) =>
    outward
      .filter(({ node }) => node.place.host !== one.node.place.host)
      .filter((other) => one.plain.with(other.plain) || shareVlan(one.tagged, other.tagged))
      .map((other) => [one.node, other.node] as const),
  );
}

/** Whether two devices may be on one wire outside although no address tells it: those of lines, and where hosts have the same ones. */
export function mayBeWired(places: readonly Place[], one: Node, other: Node): boolean {
  if (one.place.host === other.place.host) return false;
  const { outward, rootOf } = outwardOf(places);
  const behind = (node: Node) => outward.filter(({ root }) => root === rootOf(node));
  return behind(one).some((mine) =>
    behind(other).some((theirs) => mine.all === undefined || theirs.all === undefined || mine.all.with(theirs.all)),
  );
}

/** Joins a device with what it hears on its own host: its other end, what it is stacked on, the bridge that has it. */
function joinOwn(groups: Groups, places: readonly Place[], node: Node): void {
  const { place, link } = node;
  const below = stacked.has(link.kind) || link.kind === 'veth' ? lowerOf(places, place, link) : undefined;
  if (below !== undefined) groups.join(keyOf(node), keyOf(below));
  const master = switchedBy(place, link);
  if (master !== undefined) groups.join(keyOf(node), keyOf({ place, link: master }));
}

/** Joins things into groups. */
class Groups {
  private readonly up = new Map<string, string>();

  root(key: string): string {
    const above = this.up.get(key);
    return above === undefined ? key : this.root(above);
  }

  /** True when they were apart. */
  join(one: string, other: string): boolean {
    const [first, second] = [this.root(one), this.root(other)];
    if (first !== second) this.up.set(first, second);
    return first !== second;
  }
}

/** Which devices hear each other without a router between them, as far as the state of the hosts says it. */
export class Segments {
  private readonly groups = new Groups();
  private readonly nodes: readonly Node[];

  constructor(places: readonly Place[]) {
    this.nodes = nodesOf(places);
    for (const node of this.nodes) joinOwn(this.groups, places, node);
    for (const [one, other] of wiresOf(places)) this.groups.join(keyOf(one), keyOf(other));
    this.joinNumbered(places);
    this.joinTunnels(places);
  }

  /** Tunnels without a number, by what their ends say of each other. */
  private joinTunnels(places: readonly Place[]): void {
    const tunnels = this.nodes.filter(({ link }) => link.wireguard !== undefined || link.tunnel !== undefined);
    for (const one of tunnels) {
      for (const other of tunnels) if (areEnds(places, one, other)) this.groups.join(keyOf(one), keyOf(other));
    }
  }

  /** A VLAN's devices hear each other where their lower devices do; tunnels by their number alone. */
  private joinNumbered(places: readonly Place[]): void {
    const parts = this.nodes.filter(({ link }) => numbered.has(link.kind));
    const wire = ({ place, link }: Node): string => {
      const below = link.kind === 'vlan' ? lowerOf(places, place, link) : undefined;
      return `${link.kind}:${link.id}:${below === undefined ? '' : this.groups.root(keyOf(below))}`;
    };
    for (const one of parts) {
      for (const other of parts)
        if (one !== other && wire(one) === wire(other)) this.groups.join(keyOf(one), keyOf(other));
    }
  }

  hear(one: Port, other: Port): boolean {
    const key = ({ host, netns, dev }: Port) => `${host}/${netns}/${dev}`;
    return this.groups.root(key(one)) === this.groups.root(key(other));
  }

  /** True for a place that packets from a port go through on their way to others: several of its devices hear it. */
  passes(place: Place, port: Port): boolean {
    return place.links.filter(({ name }) => this.hear({ ...place, dev: name }, port)).length > 1;
  }

  /** Devices by which packets from a port come in at a place; itself left out. */
  heardIn(place: Place, port: Port): readonly string[] {
    return place.links
      .filter((link) => switchedBy(place, link) === undefined)
      .map(({ name }) => name)
      .filter((dev) => {
        const itself = dev === port.dev && place.host === port.host && place.netns === port.netns;
        return !itself && this.hear({ ...place, dev }, port);
      });
  }
}

/**
 * Where a packet for `nextHop` that leaves by a port arrives, as the state of the hosts has it: at the device with that
 * address where it hears the port, else at the devices of that place that do; and where nobody has the address, at the device
 * whose MAC was answered for it.
 */
export function arrivals(evidence: Pick<Evidence, 'places'>, from: Port, nextHop: string, to: string): readonly Port[] {
  const segments = new Segments(evidence.places);
  const link = linkOf(placeOf(evidence, from), from.dev);
  if (link?.wireguard !== undefined) return otherEnd(evidence, segments, from, peerFor(link.wireguard, to)?.key);
  const holders = holdersOf(evidence, nextHop);
  const near =
    holders.length === 0
      ? answering(evidence, segments, from, nextHop)
      : holders.flatMap(({ place, dev }) => {
          const heard = segments.heardIn(place, from);
          const devices = heard.includes(dev) ? [dev] : heard;
          return devices.map((name) => ({ host: place.host, netns: place.netns, dev: name }));
        });
  return near.length > 0 || link === undefined || !isBare(link) ? near : otherEnd(evidence, segments, from, undefined);
}

/** Tunnels of two ends that ask for no MAC: a route by them needs no gateway. */
const barePackets = new Set('gre ip6gre ipip sit ip6tnl vti vti6'.split(' '));

/** True for a tunnel of two ends that carries IP packets without a header of Ethernet. */
export function isBare({ kind }: Link): boolean {
  return barePackets.has(kind);
}

/** The one other end of a tunnel; with WireGuard that with the key. */
function otherEnd(
  evidence: Pick<Evidence, 'places'>,
  segments: Segments,
  from: Port,
  key: string | undefined,
): readonly Port[] {
  const ends = evidence.places.flatMap((place) =>
    segments
      .heardIn(place, from)
      .filter((dev) => linkOf(place, dev)?.wireguard?.key === key)
      .map((dev) => ({ host: place.host, netns: place.netns, dev })),
  );
  return ends.length === 1 ? ends : [];
}

/** Devices that hear the port and have the MAC that it knows for an address (proxy ARP). */
function answering(evidence: Pick<Evidence, 'places'>, segments: Segments, from: Port, address: string): Port[] {
  const known = placeOf(evidence, from)?.neighbours.find(
    (entry) => entry.dev === from.dev && entry.address === address,
  );
  if (known?.mac === undefined) return [];
  return evidence.places.flatMap((place) =>
    segments
      .heardIn(place, from)
      .filter((dev) => linkOf(place, dev)?.mac === known.mac)
      .map((dev) => ({ host: place.host, netns: place.netns, dev })),
  );
}

/** True where the next hop is a host that was looked at: by its address, or by the MAC that was answered for it. */
export function isInSight(evidence: Pick<Evidence, 'places'>, from: Port, nextHop: string, to: string): boolean {
  return holdersOf(evidence, nextHop).length > 0 || arrivals(evidence, from, nextHop, to).length > 0;
}
