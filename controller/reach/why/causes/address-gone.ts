import { departures, dropsOf, isStranded, linkOf, placeOf, placeText, sameNetwork } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** EHOSTUNREACH: what comes in for another address, and may not be passed on. */
const refused = 'No route to host';

export const cause = defineCause({
  name: 'address-gone',
  summary: 'Nobody has the address any more; packets for it still go to the MAC that had answered.',
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const end = evidence.stages[index + 1];
      if (end?.iif === undefined || end.lookup.refusal !== refused || !isStranded(evidence, index + 1)) return [];
      const { host, netns, iif, to } = end;
      const drop = dropsOf(evidence).find(
        (event) => event.host === host && event.netns === netns && event.reason === 'IP_INADDRERRORS',
      );
      const near = placeOf(evidence, stage)?.addresses.find(
        (held) => held.dev === dev && sameNetwork(held.address, to, held.prefix),
      );
      const isRouted = nextHop !== to;
      const address = near && { dev: iif, address: `${to}/${near.prefix}` };
      return [
        {
          ...foundAt({ index: index + 1, stage: end, dev: iif }, drop === undefined ? 'likely' : 'certain'),
          sentence: isRouted
            ? `No host that orch looked at has ${to}: ${placeText(stage)} sends what is for it to ${placeText(end)}, which would send it back.`
            : `Nobody has ${to} any more: ${placeText(stage)} still sends to the MAC that had answered for it, that of ${iif} of ${placeText(end)}, which takes nothing for this address.`,
          proof: [
            isRouted
              ? `ip route get ${to} in ${placeText(stage)}: by ${dev} via ${nextHop}`
              : `ip neighbour show ${to} dev ${dev} in ${placeText(stage)}: ${linkOf(placeOf(evidence, end), iif)?.mac ?? 'a MAC'}`,
            ...(drop === undefined
              ? []
              : [`the kernel of ${host} dropped it on ${iif}: ${drop.reason} in ${drop.location}`]),
          ],
          ...(address === undefined
            ? {}
            : { mend: mend(host, task('Give it the address again', 'address', address, netns)) }),
        },
      ];
    }),
});
