import type { Place } from './evidence.ts';
import type { Link } from './evidence-link.ts';

/** A device where it is. */
export interface Node {
  readonly place: Place;
  readonly link: Link;
}

export function keyOf({ place, link }: Node): string {
  return `${place.host}/${place.netns}/${link.name}`;
}

export function isOneOf(nodes: readonly Node[], node: Node): boolean {
  return nodes.some((one) => keyOf(one) === keyOf(node));
}

export function nodesOf(places: readonly Place[]): readonly Node[] {
  return places.flatMap((place) => place.links.map((link) => ({ place, link })));
}
