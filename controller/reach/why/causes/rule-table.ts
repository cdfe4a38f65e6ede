import { arrives, longestMatch, placeOf, placeText, ruleTakes, sameNetwork, usualTables } from '../seen/facts.ts';
import { vrfOfStage } from '../way/guard-route.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

export const cause = defineCause({
  name: 'rule-table',
  summary: 'A rule leads the packet to a table that sends it elsewhere than table main would.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const place = placeOf(evidence, stage);
      const { lookup, to, from, direction } = stage;
      if (place === undefined || lookup.type === 'local' || arrives(evidence, direction)) return [];
      const best = (table: string) =>
        longestMatch(
          place.routes.filter((route) => route.table === table),
          to,
        );
      const vrf = String(vrfOfStage(evidence, stage)?.vrfTable);
      const leads = (table: string) => ![undefined, 'throw'].includes(best(table)?.type);
      // The first one that has an answer ends it; of those with conditions nobody knows, but for the kernel's own of VRFs.
      const [rule] = place.rules
        .filter((one) => ruleTakes(one, stage))
        .filter(({ table, action, conditional }) =>
          table === 'l3mdev' ? leads(vrf) : !conditional && (action !== '' || leads(table)),
        )
        .sort((one, other) => one.priority - other.priority);
      const [taken, usually] = [rule && best(rule.table), best('main')];
      if (rule === undefined || taken === undefined || usually === undefined) return [];
      // Table main is not asked for what is in a VRF.
      if (usualTables.has(rule.table) || rule.action !== '' || rule.table === vrf) return [];
      if (lookup.table !== undefined && lookup.table !== rule.table) return [];
      if (taken.type !== 'unicast' || usually.type !== 'unicast') return [];
      if (taken.dev === usually.dev && taken.gateway === usually.gateway) return [];
      const refuses = lookup.refusal !== undefined;
      if (!refuses && lookup.dev !== taken.dev) return [];
      // Of a host with several links, or networks: what leaves from an address of this one is to leave by it.
      const own = place.addresses.find(({ address, dev }) => address === from && dev === taken.dev);
      const isSame = (prefix: number) => taken.dev === usually.dev && sameNetwork(from, usually.gateway ?? to, prefix);
      if (rule.from !== 'all' && stage.iif === undefined && own !== undefined && !isSame(own.prefix)) return [];
      const words = ({ dev, gateway }: typeof taken) => `by ${dev}${gateway === undefined ? '' : ` via ${gateway}`}`;
      return [
        {
          ...foundAt({ index, stage, dev: stage.iif }, 'likely'),
          sentence: `Rule ${rule.priority} of ${placeText(stage)} leads the ${direction} to table ${rule.table}, which sends it ${words(taken)}; table main would send it ${words(usually)}.`,
          proof: [
            `ip rule: ${rule.priority}: from ${rule.from}${rule.to === 'all' ? '' : ` to ${rule.to}`} lookup ${rule.table}`,
            `ip route get ${to} from ${from} in ${placeText(stage)}: ${lookup.refusal ?? words(taken)}`,
          ],
        },
      ];
    }),
});
