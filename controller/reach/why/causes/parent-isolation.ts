import type { Link } from '../seen/evidence-link.ts';
import { departures, holdersOf, linkOf, neighbourState, placeOf, placeText, wasTraced } from '../seen/facts.ts';
import { lowerOf } from '../way/segment.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

const stacked = new Set(['ipvlan', 'ipvtap', 'macvlan', 'macvtap']);

export const cause = defineCause({
  name: 'parent-isolation',
  summary: 'An ipvlan or macvlan device and its own parent do not speak to each other.',
  find: (evidence) => {
    const told = new Set<Link>();
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const place = placeOf(evidence, stage);
      const link = linkOf(place, dev);
      if (place === undefined || link === undefined) return [];
      const parent = stacked.has(link.kind) ? lowerOf(evidence.places, place, link) : undefined;
      const pairs = holdersOf(evidence, nextHop).flatMap((holder) => {
        const held = linkOf(holder.place, holder.dev);
        if (parent !== undefined && parent.link === held) return [{ child: link, childAt: place, parent, holder }];
        if (held === undefined || !stacked.has(held.kind)) return [];
        const below = lowerOf(evidence.places, holder.place, held);
        return below?.link === link ? [{ child: held, childAt: holder.place, parent: below, holder }] : [];
      });
      const silent = neighbourState(place, dev, nextHop) === 'silent';
      return pairs.flatMap(({ child, childAt, parent: below, holder }): readonly Finding[] => {
        const came = evidence.events.some(
          ({ kind, asks, direction, to, host, netns }) =>
            host === holder.place.host &&
            netns === holder.place.netns &&
            (asks ? kind === 'neighbour' && to === nextHop : kind === 'receive' && direction === stage.direction),
        );
        // With a MAC that it knows from elsewhere, an ipvlan device does reach its parent; the reply is lost.
        if (came || (!silent && child === link && child.kind.startsWith('ipv'))) return [];
        // It meets the reply as it met the request.
        if (told.has(child)) return [];
        told.add(child);
        const proven = wasTraced(evidence, stage.host);
        const said = silent ? `cannot ask ${placeText(holder.place)} who has ${nextHop}` : `does not reach ${nextHop}`;
        const what = silent ? `ARP question for ${nextHop}` : stage.direction;
        return [
          {
            ...foundAt({ index, stage, dev }, proven ? 'certain' : 'likely'),
            sentence: `${placeText(stage)} ${said}: ${child.name} of ${placeText(childAt)} is ${child.kind}${child.mode === '' ? '' : ` ${child.mode}`} on ${below.link.name}, and such a device and its own parent do not hear each other.`,
            proof: [
              ...(silent ? [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`] : []),
              ...(proven ? [`no ${what} came up in ${placeText(holder.place)}`] : []),
            ],
            beware: `Routes, forwarding and proxy_arp change nothing here: give ${placeText(below.place)} a further ${child.kind} device on ${below.link.name}, and routes by it.`,
          },
        ];
      });
    });
  },
});
