import { departures, holdersOf, linkOf, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import { lowerOf, Segments } from '../way/segment.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'ipvlan-l3',
  summary: 'An ipvlan device in mode l3 answers no ARP: others need a route to it by the host of its parent.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const place = placeOf(evidence, stage);
      if (neighbourState(place, dev, nextHop) !== 'silent') return [];
      return holdersOf(evidence, nextHop).flatMap((holder): readonly Finding[] => {
        const held = linkOf(holder.place, holder.dev);
        if (held?.kind !== 'ipvlan' || !/^l3s?$/.test(held.mode)) return [];
        const parent = lowerOf(evidence.places, holder.place, held);
        if (parent === undefined || parent.place === place) return [];
        const port = { host: parent.place.host, netns: parent.place.netns, dev: parent.link.name };
        if (!segments.hear({ ...stage, dev }, port)) return [];
        const router = parent.place.addresses.find(
          (own) => own.dev === parent.link.name && own.address.includes(':') === nextHop.includes(':'),
        );
        return [
          {
            ...foundAt({ index, stage, dev }, 'likely'),
            sentence: `${placeText(stage)} asks on ${dev} who has ${nextHop}, but ${held.name} of ${placeText(holder.place)} is ipvlan ${held.mode}, which answers no ARP: the way there is a route by ${parent.link.name} of ${placeText(parent.place)}.`,
            proof: [
              `ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`,
              `ip -d link show ${held.name} in ${placeText(holder.place)}: ipvlan mode ${held.mode}`,
            ],
            ...(router === undefined
              ? {}
              : {
                  mend: mend(
                    stage.host,
                    task(
                      'Go by the host of its parent',
                      'route',
                      { dst: `${nextHop}/${nextHop.includes(':') ? 128 : 32}`, via: router.address },
                      stage.netns,
                    ),
                  ),
                }),
          },
        ];
      });
    });
  },
});
