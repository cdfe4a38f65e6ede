import type { Evidence, Place } from '../seen/evidence.ts';
import { departures, holdersOf, isV6, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import { Segments } from '../way/segment.ts';
import { defineCause, type Finding } from './cause.ts';

type Held = Place['addresses'][number];

const stateOf = ({ flags }: Held) =>
  flags.find((flag) => flag === 'dadfailed') ?? flags.find((flag) => flag === 'tentative');

function sentenceOf(evidence: Evidence, place: Place, held: Held): string {
  const { address, dev } = held;
  if (stateOf(held) === 'tentative') {
    return `${placeText(place)} does not use ${address} on ${dev} yet: it still asks whether another has it (tentative).`;
  }
  const segments = new Segments(evidence.places);
  const other = holdersOf(evidence, address).find(
    (holder) => holder.place !== place && segments.hear({ ...place, dev }, { ...holder.place, dev: holder.dev }),
  );
  const whose = other === undefined ? 'another' : `${other.dev} of ${placeText(other.place)}`;
  return `${placeText(place)} does not use ${address} on ${dev}: duplicate address detection found that ${whose} has it.`;
}

export const cause = defineCause({
  name: 'dad',
  summary: 'An IPv6 address is not in use: duplicate address detection failed, or has not ended.',
  find: (evidence) => {
    const found = (stage: number, place: Place, held: Held, sure: boolean): Finding => ({
      stage,
      confidence: sure && stateOf(held) === 'dadfailed' ? 'certain' : 'likely',
      host: place.host,
      netns: place.netns,
      device: held.dev,
      direction: evidence.stages[stage]?.direction ?? 'request',
      sentence: sentenceOf(evidence, place, held),
      proof: [
        `ip address in ${placeText(place)}: ${held.address}/${held.prefix} on ${held.dev} ${held.flags.join(' ')}`,
      ],
      beware:
        stateOf(held) === 'tentative'
          ? 'Waiting is enough: where nobody answers, it is in use within two seconds, as a rule.'
          : 'Another address is needed, or none there; it is tried again only when it is put on anew.',
    });
    const sender = evidence.stages[0];
    const from = placeOf(evidence, evidence.question);
    const chosen = sender?.from ?? '';
    // Without a usable address of its own the kernel sends from one that does not lead back, or not at all.
    const own =
      isV6(evidence.question.to) && (chosen === '' || chosen.startsWith('fe80'))
        ? (from?.addresses.filter((held) => isV6(held.address) && !held.address.startsWith('fe80') && stateOf(held)) ??
          [])
        : [];
    const asked = departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      if (neighbourState(placeOf(evidence, stage), dev, nextHop) !== 'silent') return [];
      return holdersOf(evidence, nextHop).flatMap(({ place }) =>
        place.addresses
          .filter((held) => held.address === nextHop && stateOf(held) !== undefined)
          .map((held) => found(index, place, held, true)),
      );
    });
    return [...(from === undefined ? [] : own.map((held) => found(0, from, held, true))), ...asked];
  },
});
