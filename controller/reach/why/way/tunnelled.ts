import type { Evidence } from '../seen/evidence.ts';
import {
  type Departure,
  holdersOf,
  isV6,
  linkOf,
  neighbourState,
  packetText,
  placeOf,
  placeText,
} from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import type { Cast, Frames } from './frame.ts';
import { outerAddress } from './outer.ts';
import { isBare } from './segment.ts';
import { matesOf, outerPlace } from './tunnel.ts';

/** A tunnel that a packet, or what it needs, goes through. */
export interface Tunnelled {
  readonly from: Node;
  readonly to: Node;
  /** In words. */
  readonly what: string;
}

/** The tunnels that a packet goes through between two stages, or the answer to the question before it, where no setting is in the way. */
export function tunnelsOf(
  evidence: Pick<Evidence, 'places' | 'isBeneath'>,
  frames: Frames,
  { stage, dev, nextHop }: Departure,
): readonly Tunnelled[] {
  const place = placeOf(evidence, stage);
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined) return [];
  const own = { place, link };
  // A route by it that names no router does not say who is at its other end: its own settings do.
  const mates = matesOf(evidence.places, own).filter(({ node, mismatches }) => node.link.up && mismatches.length === 0);
  const packet = `the ${packetText(evidence, stage)}`;
  const [mate] = mates;
  if (isBare(link) && mate !== undefined && mates.length === 1) return [{ from: own, to: mate.node, what: packet }];
  const silent = neighbourState(place, dev, nextHop) === 'silent';
  return holdersOf(evidence, nextHop).flatMap((holder): readonly Tunnelled[] => {
    const held = linkOf(holder.place, holder.dev);
    if (held === undefined) return [];
    const other = { place: holder.place, link: held };
    return [
      // A packet whose next hop is silent did not leave: what did is a question to all.
      ...(silent
        ? crossed(frames, own, other, `the question who has ${nextHop}`, isV6(nextHop) ? 'multicast' : 'broadcast')
        : crossed(frames, own, other, packet, held)),
      ...(silent ? crossed(frames, other, own, `the answer who has ${nextHop}`, link) : []),
    ];
  });
}

function crossed(frames: Frames, one: Node, other: Node, what: string, cast: Cast): readonly Tunnelled[] {
  const way = frames.way(one, other, cast);
  if (way === undefined || way.obstacles.length > 0) return [];
  return way.crossed.flatMap((to, at) => {
    const from = way.crossed[at - 1];
    return from?.goes === 'out' && to.goes === 'in' && from.link.tunnel && to.link.tunnel ? [{ from, to, what }] : [];
  });
}

/** What to ask next where a tunnel's outer packets may be lost; undefined where it can't be told. */
export function askBeneath(evidence: Evidence, { from, to }: Tunnelled): string | undefined {
  const [address, port] = [outerAddress(evidence, to, from), to.link.tunnel?.port];
  const place = outerPlace(evidence, from);
  if (address === undefined || place === undefined) return undefined;
  const udp = port === undefined || port === 0 ? '' : ` --proto udp:${port}`;
  return `What stops them shows on the way beneath: orch why ${placeText(place)} ${address}${udp}`;
}
