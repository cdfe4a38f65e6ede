import type { Evidence } from '../seen/evidence.ts';
import { departures, holdersOf, isAt, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import { quoted } from '../seen/flow.ts';
import { keyOf, type Node, nodesOf } from '../seen/node.ts';
import { Segments } from '../way/segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** Devices with a MAC of their own: ipvlan, VLANs, bridges and bonds have that of another device by right. */
const ends = new Set(['', 'veth', 'macvlan', 'macvtap', 'vxlan', 'geneve', 'gretap', 'ip6gretap', 'tun']);

/** MACs of VRRP: all routers of one virtual address have the same by design (RFC 5798). */
const shared = /^00:00:5e:00:0[12]:/i;

function isEnd({ place, link }: Node): boolean {
  const bonded = place.links.some(({ name, kind }) => name === link.master && /^(bond|team)$/.test(kind));
  return (
    ends.has(link.kind) &&
    link.mac !== '' &&
    !shared.test(link.mac) &&
    link.name !== 'lo' &&
    link.mode !== 'passthru' &&
    !bonded
  );
}

/** A MAC of the range for own use (IEEE 802) that none of the devices has. */
function freeMac(mac: string, nodes: readonly Node[]): string {
  const used = new Set(nodes.map(({ link }) => link.mac));
  const [first = 0, ...rest] = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  for (let last = 0; ; last += 1) {
    const bytes = [(first | 2) & 0xfe, ...rest.slice(0, 4), last];
    const found = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    if (!used.has(found) || last === 255) return found;
  }
}

/** Each end of a hop, and the other devices in its network that have its MAC. */
function twins(evidence: Evidence): readonly { readonly index: number; readonly own: Node; readonly other: Node }[] {
  const nodes = nodesOf(evidence.places).filter(isEnd);
  const segments = new Segments(evidence.places);
  const port = ({ place, link }: Node) => ({ host: place.host, netns: place.netns, dev: link.name });
  return departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
    const sender = { place: placeOf(evidence, stage), dev };
    const next = evidence.stages[index + 1];
    const holders = holdersOf(evidence, nextHop);
    // It came to the right one.
    if (next?.seen && next.direction === stage.direction && holders.some(({ place }) => isAt(place, next))) return [];
    // Answers may not come to the sender, where it still asks.
    const isAsking = neighbourState(sender.place, dev, nextHop) !== 'answered';
    return [...(isAsking ? [sender] : []), ...holders].flatMap(({ place, dev: name }) => {
      const own = nodes.find((node) => node.place === place && node.link.name === name);
      if (own === undefined) return [];
      return nodes
        .filter((other) => other !== own && other.link.mac === own.link.mac)
        .filter((other) => segments.hear(port(own), port(other)))
        .map((other) => ({ index, own, other }));
    });
  });
}

export const cause = defineCause({
  name: 'duplicate-mac',
  summary: 'Two devices of one network have the same MAC.',
  find: (evidence) => {
    const told = new Set<string>();
    return twins(evidence).flatMap(({ index, own, other }): readonly Finding[] => {
      const pair = [own, other].map(keyOf).sort().join(' ');
      if (told.has(pair)) return [];
      told.add(pair);
      const { place, link } = other;
      const text = (node: Node) => `${node.link.name} of ${placeText(node.place)}`;
      return [
        {
          stage: index,
          confidence: 'likely',
          host: place.host,
          netns: place.netns,
          device: link.name,
          direction: evidence.stages[index]?.direction ?? 'request',
          sentence: `${text(own)} and ${text(other)} have the same MAC ${link.mac}: what is between them takes each for the other.`,
          proof: [own, other].map(
            (node) => `ip link show ${node.link.name} in ${placeText(node.place)}: link/ether ${node.link.mac}`,
          ),
          mend: mend(
            place.host,
            task(
              `Give ${link.name} a MAC of its own`,
              'link',
              { name: link.name, address: quoted(freeMac(link.mac, nodesOf(evidence.places))) },
              place.netns,
            ),
          ),
        },
      ];
    });
  },
});
