import type { Place, Stage } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { covers, isV6, leadsTo, linkOf, placeOf, placeText, ruleTakes } from '../seen/facts.ts';
import { vrfOfStage } from '../way/guard-route.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** The kernel's own rules (ip-rule(8)). */
const priorities = { local: 0, main: 32766 } as const;

/** The table that has what the packet needs, and that no rule leads it to. */
function unledTable(
  place: Place,
  vrf: Link | undefined,
  { lookup, to, from }: Stage,
): keyof typeof priorities | undefined {
  const rules = place.rules.filter(({ v6 }) => v6 === isV6(to));
  const leads = (table: string) =>
    rules.some((rule) => rule.action === '' && rule.table === table && covers(rule.to, to) && covers(rule.from, from));
  if (rules.length === 0 || lookup.type === 'local') return undefined;
  const isIn = (table: string, wanted: (route: Place['routes'][number]) => boolean) =>
    place.routes.some((route) => route.table === table && leadsTo(route, to) && wanted(route)) && !leads(table);
  if (isIn('local', ({ type }) => type === 'local')) return 'local';
  const usable = ({ type, dev }: Place['routes'][number]) => type === 'unicast' && linkOf(place, dev)?.up !== false;
  // vrf-bypassed: it is not table main that it is to be looked for in.
  if (place.routes.some((route) => route.table === String(vrf?.vrfTable) && leadsTo(route, to) && usable(route)))
    return undefined;
  return lookup.refusal !== undefined && isIn('main', usable) ? 'main' : undefined;
}

export const cause = defineCause({
  name: 'rule-missing',
  summary: 'The way is in table main, or the address in table local, and no rule leads there any more.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, iif, to, asked } = stage;
      const at = (place: Place | undefined, met: Stage, dev: string | undefined): readonly Finding[] => {
        const table = place && unledTable(place, vrfOfStage(evidence, met), met);
        if (place === undefined || table === undefined) return [];
        const priority = priorities[table];
        // One that refuses the packet before it would keep it from there, too.
        const isKept = place.rules.some(
          (rule) => rule.action !== '' && rule.priority < priority && ruleTakes(rule, met),
        );
        const isCertain = met.seen && met.lookup.refusal !== undefined && !isKept;
        const family = isV6(to) ? { family: 'inet6' } : {};
        return [
          {
            ...foundAt({ index, stage, place, dev }, isCertain ? 'certain' : 'likely'),
            sentence: `No rule of ${placeText(place)} leads to table ${table}, which ${table === 'main' ? `has the route to ${met.to}` : `says that ${met.to} is its own`}.`,
            proof: [
              `ip${isV6(to) ? ' -6' : ''} rule in ${placeText(place)}: none leads to ${table}`,
              `ip route get ${met.to}${dev === undefined ? '' : ` from ${met.from} iif ${dev}`} in ${placeText(place)}: ${met.lookup.refusal ?? `by ${met.lookup.dev}`}`,
            ],
            ...(table === 'main'
              ? {
                  beware: `"ip rule flush" takes the kernel's own rule, "${priority}: from all lookup main", away too.`,
                }
              : {}),
            mend: mend(
              place.host,
              task(`Look in table ${table} again`, 'rule', { priority, table, ...family }, place.netns),
            ),
          },
        ];
      };
      // Who does not know the address as its own does not answer who has it, either.
      const unheard = asked.flatMap((question) =>
        at(
          placeOf(evidence, question),
          { ...stage, ...question, seen: false, to: stage.lookup.gateway ?? to },
          question.iif,
        ),
      );
      return [...at(placeOf(evidence, { host, netns }), stage, iif), ...unheard];
    }),
});
