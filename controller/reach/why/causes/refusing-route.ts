import type { Place, Stage } from '../evidence.ts';
import { covers, isV6, linkOf, placeOf, placeText } from '../facts.ts';
import { vrfLeaks } from '../vrf-leaks.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** What a route's type answers (net/ipv4/fib_semantics.c, fib_props). */
const answers: Readonly<Record<string, string>> = {
  blackhole: 'Invalid argument',
  unreachable: 'No route to host',
  prohibit: 'Permission denied',
};

/** Tables, where no rules were read (ip-rule(8)). */
const usual = ['local', 'main', 'default'];

/**
 * The route that the packet's rules lead to, when it refuses: the longest that matches, of the first table that has one. Where that
 * is another route, the kernel went by a rule for what is not known here (a mark, ports): by the first that leads to one
 * which refuses so, and `byCondition` is true.
 */
function refusingRoute(place: Place | undefined, { from, to, iif, back }: Stage, refusal: string) {
  const length = (dst: string) => (dst === 'default' ? 0 : Number(dst.split('/')[1] ?? 128));
  const best = (table: string) =>
    place?.routes
      .filter((route) => route.table === table && covers(route.dst, to))
      .sort((one, other) => length(other.dst) - length(one.dst))[0];
  const applying = (place?.rules ?? [])
    .filter((rule) => rule.action === '' && covers(rule.from, from) && covers(rule.to, to))
    .filter((rule) => rule.iif === undefined || rule.iif === (iif ?? 'lo'))
    .sort((one, other) => one.priority - other.priority);
  const rules = applying.filter(({ conditional }) => !conditional);
  const vrf = linkOf(place, iif)?.vrfTable;
  const tables = [
    ...(vrf === undefined ? [] : [String(vrf)]),
    ...(rules.length > 0 ? rules.map(({ table }) => table) : usual),
  ];
  const refuses = (route: Place['routes'][number] | undefined) => answers[route?.type ?? ''] === refusal;
  const route = tables.map(best).find((found) => found !== undefined);
  if (route !== undefined && refuses(route)) return { route, byCondition: false };
  // The check of the source refuses in such words, too (6.18).
  if (iif !== undefined && back?.dev !== iif) return undefined;
  const other = applying.flatMap((rule) => (rule.conditional ? (best(rule.table) ?? []) : [])).find(refuses);
  return other && { route: other, byCondition: true };
}

/** A rule for the module `rule`: what it matches, and so what tells it from others. */
function ruleParams({ priority, from, to, iif, action }: Place['rules'][number], v6: boolean) {
  return {
    ...{ priority, type: action },
    ...(from === 'all' ? {} : { from }),
    ...(to === 'all' ? {} : { to }),
    ...(iif === undefined ? {} : { iif }),
    ...(v6 && from === 'all' && to === 'all' ? { family: 'inet6' } : {}),
    state: 'absent',
  };
}

export const cause = defineCause({
  name: 'refusing-route',
  summary: 'A blackhole, unreachable or prohibit route, or a rule of that kind, takes the packet.',
  find: (evidence) => {
    const leaks = vrfLeaks(evidence);
    return evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { refusal } = stage.lookup;
      if (refusal === undefined) return [];
      const { host, netns, direction, to, from } = stage;
      const place = placeOf(evidence, stage);
      const { route, byCondition } = refusingRoute(place, stage, refusal) ?? {};
      const rule = place?.rules.find(
        (one) =>
          answers[one.action] === refusal &&
          !one.conditional &&
          covers(one.to, to) &&
          covers(one.from, from) &&
          (one.iif === undefined || one.iif === (stage.iif ?? 'lo')),
      );
      const at = { stage: index, host, netns, device: stage.iif, direction };
      const confidence = stage.seen && byCondition !== true ? ('certain' as const) : ('likely' as const);
      const asked = `ip route get ${to} in ${placeText(stage)}: ${refusal}`;
      // In a VRF it keeps packets from being looked for in the tables behind its own: what is missing is the way out.
      const guards = route?.dst === 'default' && place?.links.some(({ vrfTable }) => String(vrfTable) === route.table);
      if (guards === true && leaks.some((leak) => leak.stage === index)) return [];
      if (route !== undefined) {
        const table = route.table === 'main' ? '' : ` of table ${route.table}`;
        const inTable = route.table === 'main' ? {} : { table: route.table };
        return [
          {
            ...at,
            confidence,
            sentence: `${placeText(stage)} has ${route.type === 'unreachable' ? 'an' : 'a'} ${route.type} route${table} for ${route.dst}, which takes the ${direction} to ${to}.`,
            proof: [asked, `ip route: ${route.type} ${route.dst}${table}`],
            mend: mend(
              host,
              task(
                `Take the ${route.type} route away`,
                'route',
                { dst: route.dst, type: route.type, ...inTable, state: 'absent' },
                netns,
              ),
            ),
          },
        ];
      }
      if (rule === undefined) return [];
      return [
        {
          ...at,
          confidence,
          sentence: `${placeText(stage)} has the rule ${rule.priority}: from ${rule.from} to ${rule.to} ${rule.action}, which takes the ${direction} to ${to}.`,
          proof: [asked],
          mend: mend(host, task('Take the rule away', 'rule', ruleParams(rule, isV6(to)), netns)),
        },
      ];
    });
  },
});
