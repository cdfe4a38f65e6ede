import { isV6, linkOf, longestMatch, placeOf, placeText, ruleTakes, vrfOf } from '../facts.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** The kernel's own (net/core/fib_rules.c, drivers/net/vrf.c: FIB_RULE_PREF). */
const priority = 1000;

export const cause = defineCause({
  name: 'vrf-bypassed',
  summary:
    'A packet that came by a VRF is not looked for in its table: the rule l3mdev is gone, or another comes before it.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, direction, iif, from, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      const vrf = vrfOf(place, iif);
      if (place === undefined || vrf === undefined || lookup.type === 'local') return [];
      const best = (table: string | number | undefined) =>
        longestMatch(
          place.routes.filter((route) => route.table === String(table)),
          to,
        );
      const own = best(vrf.vrfTable);
      if (own?.type !== 'unicast' || linkOf(place, own.dev)?.up === false) return [];
      if (lookup.refusal === undefined && lookup.dev === own.dev && lookup.gateway === own.gateway) return [];
      const rules = place.rules.filter(({ v6 }) => v6 === isV6(to));
      const l3mdev = rules.find(({ table }) => table === 'l3mdev');
      const before = rules.find(
        (rule) =>
          rule.priority < (l3mdev?.priority ?? 0) && !rule.conditional && ruleTakes(rule, stage) && best(rule.table),
      );
      // Without rules, none were read.
      if (rules.length === 0 || (l3mdev !== undefined && before === undefined)) return [];
      const there = `table ${vrf.vrfTable} of its VRF ${vrf.name}`;
      const way = `by ${own.dev}${own.gateway === undefined ? '' : ` via ${own.gateway}`}`;
      return [
        {
          stage: index,
          confidence: stage.seen && before === undefined ? 'certain' : 'likely',
          host,
          netns,
          device: iif,
          direction,
          sentence: before
            ? `Rule ${before.priority} of ${placeText(stage)} takes the ${direction} that came by ${iif} to table ${before.table}, before the rule l3mdev leads it to ${there}, which has the way to ${to}, ${way}.`
            : `No rule of ${placeText(stage)} leads the ${direction} that came by ${iif} to ${there}, which has the way to ${to}, ${way}.`,
          proof: [
            `ip route get ${to} from ${from} iif ${iif} in ${placeText(stage)}: ${lookup.refusal ?? `by ${lookup.dev}`}`,
            before
              ? `ip rule: ${before.priority}: from ${before.from}${before.to === 'all' ? '' : ` to ${before.to}`} lookup ${before.table}`
              : 'ip rule: none of l3mdev',
          ],
          ...(before
            ? {}
            : {
                beware: `"ip rule flush" takes the kernel's own rule, "${priority}: from all lookup [l3mdev-table]", away too.`,
                mend: mend(
                  host,
                  task(
                    'Look in the tables of VRFs again',
                    'rule',
                    { priority, l3mdev: true, ...(isV6(to) ? { family: 'inet6' } : {}) },
                    netns,
                  ),
                ),
              }),
        },
      ];
    }),
});
