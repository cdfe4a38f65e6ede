import type { Evidence } from './evidence.ts';
import { type Departure, holdersOf, isV6, linkOf, neighbourState, placeOf, placeText } from './facts.ts';
import type { Cast, Frames } from './frame.ts';
import { type Node, nodesOf } from './node.ts';
import { isBare } from './segment.ts';
import { matesOf } from './tunnel.ts';
import { outerAddress } from './tunnel-told.ts';

/** A tunnel that a packet, or what it needs, goes through. */
export interface Tunnelled {
  readonly from: Node;
  readonly to: Node;
  /** In words. */
  readonly what: string;
}

/** The tunnels that a packet goes through between two stages, or the answer to the question before it, where no setting is in the way. */
export function tunnelsOf(
  evidence: Pick<Evidence, 'places'>,
  frames: Frames,
  { stage, dev, nextHop }: Departure,
): readonly Tunnelled[] {
  const place = placeOf(evidence, stage);
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined) return [];
  const own = { place, link };
  // A route by it that names no router does not say who is at its other end: its own settings do.
  const mates = matesOf(nodesOf(evidence.places), own).filter(
    ({ node, mismatches }) => node.link.up && mismatches.length === 0,
  );
  const [mate] = mates;
  if (isBare(link) && mate !== undefined && mates.length === 1)
    return [{ from: own, to: mate.node, what: `the ${stage.direction}` }];
  const silent = neighbourState(place, dev, nextHop) === 'silent';
  return holdersOf(evidence, nextHop).flatMap((holder): readonly Tunnelled[] => {
    const held = linkOf(holder.place, holder.dev);
    if (held === undefined) return [];
    const other = { place: holder.place, link: held };
    return [
      // A packet whose next hop is silent did not leave: what did is a question to all.
      ...(silent
        ? crossed(frames, own, other, `the question who has ${nextHop}`, isV6(nextHop) ? 'multicast' : 'broadcast')
        : crossed(frames, own, other, `the ${stage.direction}`, held)),
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

/** The namespace that a tunnel's outer packets are of. */
export function outerPlace(evidence: Pick<Evidence, 'places'>, { place, link }: Node) {
  return placeOf(evidence, { host: place.host, netns: link.lowerNetns ?? place.netns });
}

/** What to ask next where a tunnel's outer packets may be lost; undefined where it can't be told. */
export function askBeneath(evidence: Evidence, { from, to }: Tunnelled): string | undefined {
  const [address, port] = [outerAddress(to, from), to.link.tunnel?.port];
  if (address === undefined) return undefined;
  const udp = port === undefined || port === 0 ? '' : ` --proto udp:${port}`;
  return `What stops them shows on the way beneath: orch why ${placeText(outerPlace(evidence, from) ?? from.place)} ${address}${udp}`;
}
