import type { Evidence, Place } from '../seen/evidence.ts';
import { type Departure, holdersOf, isAt } from '../seen/facts.ts';
import { type Node, nodesOf } from '../seen/node.ts';
import { isBare, upwards } from './segment.ts';
import { goalsOf, matesOf, outerPlace } from './tunnel.ts';

/** A tunnel, and a host that it sends to, where no device takes what it sends. */
export interface MissingEnd {
  readonly from: Node;
  readonly address: string;
  readonly at: Place;
}

/** Hosts that a tunnel sends to which have no other end of it, as far as it was looked for. */
function missingEndsOf({ places }: Pick<Evidence, 'places'>, from: Node): readonly MissingEnd[] {
  const mates = matesOf(places, from);
  return goalsOf(from).flatMap((address) => {
    const [at, ...more] = holdersOf({ places }, address).map(({ place }) => place);
    const isTaken = mates.some(({ node }) => at !== undefined && isAt(outerPlace({ places }, node) ?? at, at));
    return at === undefined || more.length > 0 || at.host === from.place.host || isTaken ? [] : [{ from, address, at }];
  });
}

/** Of what leaves by a tunnel, or by a device that stands on one, for nobody: the ends that are missing there. */
export function missingEnds(evidence: Evidence, { index, stage, dev, nextHop }: Departure): readonly MissingEnd[] {
  const { places, stages } = evidence;
  if (stages[index + 1]?.direction === stage.direction) return [];
  const hosts = holdersOf(evidence, nextHop).map(({ place }) => place.host);
  const tunnels = nodesOf(places).filter(
    (node) =>
      node.link.tunnel !== undefined &&
      upwards(places, node).some(({ place, link }) => isAt(place, stage) && link.name === dev),
  );
  return tunnels.flatMap((node) => {
    const missing = missingEndsOf(evidence, node);
    // Who has the next hop says which of the ends it is; else each must be missing, of a tunnel that leads nowhere else.
    if (hosts.length > 0 && !isBare(node.link)) return missing.filter(({ at }) => hosts.includes(at.host));
    return node.link.name === dev && isAt(node.place, stage) && missing.length === goalsOf(node).length ? missing : [];
  });
}
