import type { Mend } from '../../../report/why/why-types.ts';
import type { Evidence, Place, Stage } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { departures, holdersOf, linkOf, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { Frames } from '../way/frame.ts';
import { missingEnds } from '../way/missing-end.ts';
import { routesBetween } from '../way/router-between.ts';
import { lowerOf, mayBeWired, type Port, Segments } from '../way/segment.ts';
import { routedAway } from '../way/short-prefix.ts';
import { routeOn, wayOn } from '../way/way-on.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** The other end of a pair. */
function otherEnd(evidence: Evidence, place: Place | undefined, link: Link | undefined): Node | undefined {
  return place === undefined || link?.kind !== 'veth' ? undefined : lowerOf(evidence.places, place, link);
}

/** A cable's end that was forgotten. */
function isLoose({ place, link }: Node): boolean {
  const held = place.addresses.filter(({ dev, address }) => dev === link.name && !/^fe80:/i.test(address));
  return link.master === undefined && held.length === 0;
}

function endText(end: Node | undefined): string {
  if (end === undefined) return '';
  const loose = isLoose(end) ? ', which is no port of a bridge and has no address' : '';
  return `, whose other end is ${end.link.name} of ${placeText(end.place)}${loose}`;
}

function shown({ place, link }: Node): string {
  const master = link.master === undefined ? 'no master' : `master ${link.master}`;
  return `ip link show ${link.name} in ${placeText(place)}: ${master}`;
}

/** Plugs a loose end in where only one bridge beside it hears the other device. */
function plugIn(segments: Segments, end: Node | undefined, other: Port): { readonly mend?: Mend } {
  if (end === undefined || !isLoose(end)) return {};
  const { host, netns, links } = end.place;
  const bridges = links.filter(
    ({ kind, name }) => kind === 'bridge' && segments.hear({ host, netns, dev: name }, other),
  );
  const [bridge] = bridges;
  if (bridge === undefined || bridges.length > 1) return {};
  return { mend: plugged(end, bridge.name) };
}

function plugged({ place: { host, netns }, link: { name } }: Node, master: string): Mend {
  return mend(host, task('Plug it in', 'link', { name, master }, netns));
}

/** The one device beside a port of a bridge that hears another one, and was left out of that bridge: a tunnel's, a cable's end. */
function forgotten(
  segments: Segments,
  end: Node | undefined,
  other: Port,
): { readonly node: Node; readonly bridge: string } | undefined {
  const bridge = end?.link.master;
  if (end === undefined || bridge === undefined) return undefined;
  const { host, netns, links } = end.place;
  const [node, ...more] = links
    .map((link): Node => ({ place: end.place, link }))
    .filter((one) => isLoose(one) && one.link.kind !== 'bridge')
    .filter(({ link }) => segments.hear({ host, netns, dev: link.name }, other));
  return node === undefined || more.length > 0 ? undefined : { node, bridge };
}

/** Sends what goes by a device without a next hop to the router that leads there. */
function routed(evidence: Evidence, { host, netns, to }: Stage, nextHop: string): { readonly mend?: Mend } {
  const way = nextHop === to ? wayOn(evidence, { host, netns }, to) : undefined;
  return way === undefined ? {} : { mend: mend(host, routeOn(way, netns)) };
}

export const cause = defineCause({
  name: 'not-connected',
  summary:
    'The next hop is on a device that does not hear the one the packet leaves by: wrong namespace, bridge or VLAN.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    const frames = new Frames(evidence.places);
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const place = placeOf(evidence, stage);
      const link = linkOf(place, dev);
      const port = { host: stage.host, netns: stage.netns, dev };
      const holders = holdersOf(evidence, nextHop);
      const [holder] = holders;
      if (holder === undefined) return [];
      const held = linkOf(holder.place, holder.dev);
      const [mine, theirs] = [otherEnd(evidence, place, link), otherEnd(evidence, holder.place, held)];
      const left = forgotten(segments, mine, { ...holder.place, dev: holder.dev }) ?? forgotten(segments, theirs, port);
      const isSilent = neighbourState(place, dev, nextHop) === 'silent';
      // What was pulled out leaves the MAC known for a while.
      const isPulled =
        evidence.stages[index + 1] === undefined &&
        (left !== undefined || [mine, theirs].some((end) => end && isLoose(end)));
      if (!isSilent && !isPulled) return [];
      const heard = holders.some((other) => segments.heardIn(other.place, port).length > 0);
      if (heard) return [];
      // Then neighbour-silent tells of it.
      if (place && link && held && mayBeWired(evidence.places, { place, link }, { place: holder.place, link: held }))
        return [];
      // tunnel-gone tells of those that a tunnel connected.
      if (missingEnds(evidence, { index, stage, dev, nextHop }).length > 0) return [];
      // They are connected then, and not by this device alone: proxy-arp, prefix-length.
      if (routesBetween(evidence, segments, port, nextHop) !== undefined) return [];
      if (routedAway(evidence, segments, port, nextHop) !== undefined) return [];
      // Something does, but its settings keep the two apart: other causes name them.
      const way =
        place === undefined || link === undefined || held === undefined
          ? undefined
          : frames.way({ place, link }, { place: holder.place, link: held }, 'broadcast');
      if (way !== undefined && way.obstacles.length > 0) return [];
      return [
        {
          ...foundAt({ index, stage, dev }, 'likely'),
          sentence: `${placeText(stage)} ${isSilent ? `looks for ${nextHop} on` : `sends to ${nextHop} by`} ${dev}${endText(mine)}, but it is on ${holder.dev} of ${placeText(holder.place)}${endText(theirs)}, and nothing connects the two devices${left === undefined ? '' : `: ${left.node.link.name} of ${placeText(left.node.place)} is no port of ${left.bridge}`}.`,
          proof: isSilent
            ? [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`]
            : [mine, theirs, left?.node].flatMap((end) => (end === undefined ? [] : shown(end))),
          ...routed(evidence, stage, nextHop),
          ...plugIn(segments, theirs, port),
          ...plugIn(segments, mine, { ...holder.place, dev: holder.dev }),
          ...(left === undefined ? {} : { mend: plugged(left.node, left.bridge) }),
        },
      ];
    });
  },
});
