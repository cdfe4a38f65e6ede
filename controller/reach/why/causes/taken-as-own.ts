import type { Mend } from '../../../report/why/why-types.ts';
import { covers, placeText } from '../seen/facts.ts';
import { checksOf } from '../way/checks.ts';
import { type Taken, takenAt, takenBy } from '../way/taken.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** Why it does, and what mends it. All of the prefix of an address on lo is the host's, of IPv4 alone (fib_add_ifaddr). */
function because({ place, route }: Taken, address: string): { readonly why: string; readonly mend: Mend } {
  const { host, netns } = place;
  const wide = place.addresses.find(
    (held) => held.dev === 'lo' && held.prefix < 32 && covers(`${held.address}/${held.prefix}`, address),
  );
  if (wide === undefined) {
    const { dst, dev, table } = route;
    const known = { dst, type: 'local', ...(dev === undefined ? {} : { dev }), table };
    return {
      why: `it has the route local ${dst}`,
      mend: mend(host, task(`Leave ${dst} to others`, 'route', { ...known, state: 'absent' }, netns)),
    };
  }
  const held = `${wide.address}/${wide.prefix}`;
  return {
    why: `it has ${held} on lo, where all of ${route.dst} counts as its own`,
    mend: mend(
      host,
      task('Take the prefix from lo', 'address', { address: held, dev: 'lo', state: 'absent' }, netns),
      task('Leave the address alone there', 'address', { address: `${wide.address}/32`, dev: 'lo' }, netns),
    ),
  };
}

const proofOf = ({ route, place }: Taken) =>
  `ip route show table ${route.table} in ${placeText(place)}: local ${route.dst} dev ${route.dev}`;

export const cause = defineCause({
  name: 'taken-as-own',
  summary:
    "A host takes another's address for its own: by a prefix on lo, all of which is the host's, or a route of type local.",
  find: (evidence) => {
    const ending = evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const taken = takenAt(evidence, stage);
      if (taken === undefined) return [];
      const { direction, to, from, iif } = stage;
      const { why, mend } = because(taken, to);
      const asked = `ip route get ${to}${iif === undefined ? '' : ` from ${from} iif ${iif}`}`;
      return [
        {
          ...foundAt({ index, stage, dev: taken.route.dev }, 'likely'),
          mend,
          sentence: `${placeText(stage)} takes the ${direction} to ${to}, an address of ${placeText(taken.holder.place)}, for its own: ${why}.`,
          proof: [`${asked} in ${placeText(stage)}: local`, proofOf(taken)],
        },
      ];
    });
    // What comes from an address that is taken for an own one is refused, as from outside it cannot be.
    const refused = checksOf(evidence).flatMap((check): readonly Finding[] => {
      const { dev, from, to, lookup, back } = check;
      const taken = back?.type === 'local' ? takenBy(evidence, check, { from: to, to: from, iif: dev }) : undefined;
      if (taken === undefined || lookup.refusal === undefined) return [];
      const { why, mend } = because(taken, from);
      return [
        {
          ...foundAt({ index: check.stage, stage: check, dev }, 'likely'),
          mend,
          sentence: `${placeText(check)} takes no ${check.arp ? 'ARP question' : 'packet'} from ${from}, an address of ${placeText(taken.holder.place)}, that comes in by ${dev}, for it takes the address for its own: ${why}.`,
          proof: [
            `ip route get ${to} from ${from} iif ${dev} in ${placeText(check)}: ${lookup.refusal}`,
            proofOf(taken),
          ],
        },
      ];
    });
    return [...ending, ...refused];
  },
});
