import { departures, holdersOf, linkOf, placeOf, placeText } from '../seen/facts.ts';
import { quoted } from '../seen/flow.ts';
import { Segments } from '../way/segment.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'wrong-mac',
  summary: 'The neighbour table has a MAC for the next hop that no device of it has.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const { host, netns, direction } = stage;
      const place = placeOf(evidence, stage);
      const entry = place?.neighbours.find((one) => one.dev === dev && one.address === nextHop);
      const mac = entry?.mac;
      if (entry === undefined || mac === undefined || /FAILED|INCOMPLETE|NOARP/.test(entry.state)) return [];
      // Any device that hears the question may have answered it.
      const right = holdersOf(evidence, nextHop).flatMap((holder) =>
        segments
          .heardIn(holder.place, { host, netns, dev })
          .flatMap((name) => ({ place: holder.place, name, mac: linkOf(holder.place, name)?.mac })),
      );
      const [first] = right;
      if (first === undefined || right.some((one) => one.mac === undefined || one.mac === '' || one.mac === mac))
        return [];
      const there = evidence.events.filter(
        (event) =>
          event.host === first.place.host && event.netns === first.place.netns && event.direction === direction,
      );
      // What is for another MAC comes in, too, and goes no further.
      const stray = there.find(({ kind, reason }) => kind === 'drop' && reason === 'OTHERHOST');
      if (stray === undefined && there.some(({ kind }) => kind === 'receive')) return [];
      const owner = evidence.places
        .flatMap((one) => one.links.map((link) => ({ place: one, link })))
        .find(({ link }) => link.mac === mac);
      const whose =
        owner === undefined ? 'no device that orch knows' : `${owner.link.name} of ${placeText(owner.place)}`;
      return [
        {
          ...foundAt({ index, stage, dev }, stray === undefined ? 'likely' : 'certain'),
          sentence: `${placeText(stage)} sends what is for ${nextHop} to ${mac}, the MAC of ${whose}; ${first.name} of ${placeText(first.place)}, which has the address, is ${first.mac}.`,
          proof: [
            `ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: ${mac} ${entry.state}`,
            ...(stray === undefined
              ? []
              : [
                  `the kernel of ${stray.host} dropped it on ${stray.dev}: ${stray.reason}${stray.location && ` in ${stray.location}`}`,
                ]),
            ...right.map((one) => `ip link show ${one.name} in ${placeText(one.place)}: ${one.mac}`),
          ],
          mend: mend(
            host,
            task(
              'Let the MAC be asked for anew',
              'neighbour',
              { dst: nextHop, dev, lladdr: quoted(mac), state: 'absent' },
              netns,
            ),
          ),
        },
      ];
    });
  },
});
