import { departures, dropsOf, isV6, neighbourState, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** ENOBUFS of neigh_create, as the sender is told it. */
const told = /no buffer space/i;

export const cause = defineCause({
  name: 'neighbour-table',
  summary: 'The neighbour table is full, so that the MAC of the next hop cannot even be asked for.',
  find: (evidence) =>
    departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const { host, netns, direction, iif } = stage;
      const place = placeOf(evidence, stage);
      if (neighbourState(place, dev, nextHop) !== 'none') return [];
      const drop = dropsOf(evidence).find(
        (event) => event.host === host && event.netns === netns && event.reason === 'NEIGH_CREATEFAIL',
      );
      const said = iif === undefined && direction === 'request' && told.test(evidence.probe.text);
      if (drop === undefined && !said) return [];
      const key = `net.${isV6(nextHop) ? 'ipv6' : 'ipv4'}.neigh.default.gc_thresh3`;
      const limit = sysctlOf(place, key);
      const most = limit === undefined ? '' : `: ${key} is ${limit}`;
      return [
        {
          ...foundAt({ index, stage, dev }, drop !== undefined && limit !== undefined ? 'certain' : 'likely'),
          sentence: `${placeText(stage)} cannot ask who has ${nextHop} on ${dev}: the neighbour table of ${host}, which all its namespaces share, is full${most}.`,
          proof: [
            ...(drop === undefined ? [] : [`the kernel of ${host} dropped it: ${drop.reason}`]),
            ...(said ? [`the probe: ${evidence.probe.text}`] : []),
            `ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no entry`,
          ],
          ...(limit === undefined
            ? {}
            : {
                mend: mend(
                  host,
                  task('Let the table hold more', 'sysctl', { name: key, value: Math.max(4096, 4 * limit) }, ''),
                ),
              }),
        },
      ];
    }),
});
