import type { Place, Stage } from '../seen/evidence.ts';
import {
  deviceKey,
  isV6,
  longestMatch,
  namedDestination,
  packetText,
  placeOf,
  placeText,
  ruleTakes,
  sysctlOf,
} from '../seen/facts.ts';
import { answers, guardRoute, vrfOfStage } from '../way/guard-route.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** What a rule's action answers (fib4_rule_action and fib6_rule_action in net). */
const ruleAnswers: Readonly<Record<string, string>> = { ...answers, unreachable: 'Network is unreachable' };

/** Tables, where no rules were read (ip-rule(8)). */
const usual = ['local', 'main', 'default'];

/** What took a packet: a route, or a rule without one. */
interface Taker {
  readonly route?: Place['routes'][number];
  readonly rule?: Place['rules'][number];
}

/**
 * What the packet's rules lead to, when it refuses: the longest route that matches, of the first table that has one, or a rule
 * before it; that is `sure`. Where that is another, the kernel went by a rule for what is not known here (a mark, ports): by the
 * first that refuses so, or leads to a route which does. Or a default route of the other family only seemed to come first.
 */
function refuserOf(
  place: Place | undefined,
  vrf: number | undefined,
  { from, to, iif, back }: Stage,
  refusal: string,
): (Taker & { readonly sure: boolean }) | undefined {
  const best = (table: string) => longestMatch(place?.routes.filter((route) => route.table === table) ?? [], to);
  const inTable = (table: string): readonly Taker[] => {
    const route = best(table);
    // The table says nothing then, and the next rule is asked.
    return route === undefined || route.type === 'throw' ? [] : [{ route }];
  };
  const byRule = (rule: Place['rules'][number]) => (rule.action === '' ? inTable(rule.table) : [{ rule }]);
  const applying = (place?.rules ?? [])
    .filter((rule) => ruleTakes(rule, { from, to, iif }))
    .sort((one, other) => one.priority - other.priority);
  // It says the same as no rule at all: where none behind it has a way either, that is what is missing.
  const keepsFrom = ({ priority, action }: Place['rules'][number]) =>
    ruleAnswers[action] !== 'Network is unreachable' ||
    applying.some((rule) => rule.priority > priority && rule.action === '' && best(rule.table)?.type === 'unicast');
  const refuses = ({ rule, route }: Taker) =>
    rule === undefined
      ? answers[route?.type ?? ''] === refusal
      : ruleAnswers[rule.action] === refusal && keepsFrom(rule);
  const rules = applying.filter(({ conditional }) => !conditional);
  const [taker] = [
    ...(vrf === undefined ? [] : inTable(String(vrf))),
    ...(rules.length > 0 ? rules.flatMap(byRule) : usual.flatMap(inTable)),
  ];
  if (taker !== undefined && refuses(taker)) return { ...taker, sure: true };
  // The check of the source refuses in such words, too (6.18), and a device that does not forward: as an unreachable route.
  const isStill = iif !== undefined && sysctlOf(place, deviceKey(iif, 'forwarding')) === 0;
  const otherwise = (iif !== undefined && back?.dev !== iif) || (isStill && refusal === answers.unreachable);
  const conditional = otherwise ? [] : applying.filter((rule) => rule.conditional);
  const other = [...conditional, ...rules.filter(({ action }) => action !== '')].flatMap(byRule).find(refuses);
  if (other !== undefined) return { ...other, sure: false };
  const asksMain = rules.length === 0 || rules.some(({ action, table }) => action === '' && table === 'main');
  const isThrown = asksMain && refusal === 'Network is unreachable' && vrf === undefined;
  const thrown = isThrown ? hidingThrow(place, to) : undefined;
  return thrown && { route: thrown, sure: true };
}

/**
 * A throw route of table main that hides a way of that table. Those of other tables send packets on to main, as they are meant to:
 * what is missing there is a route.
 */
function hidingThrow(place: Place | undefined, to: string): Place['routes'][number] | undefined {
  const routes = place?.routes.filter(({ table }) => table === 'main') ?? [];
  const taking = longestMatch(routes, to);
  const hidden = longestMatch(
    routes.filter(({ type }) => type !== 'throw'),
    to,
  );
  return taking?.type === 'throw' && hidden?.type === 'unicast' ? taking : undefined;
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
  summary: 'A blackhole, unreachable, prohibit or throw route, or a rule of that kind, takes the packet.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { refusal } = stage.lookup;
      if (refusal === undefined) return [];
      const { host, netns, to } = stage;
      const place = placeOf(evidence, stage);
      const { route, rule, sure } = refuserOf(place, vrfOfStage(evidence, stage)?.vrfTable, stage, refusal) ?? {};
      const at = foundAt({ index, stage, dev: stage.iif }, stage.seen && sure === true ? 'certain' : 'likely');
      const asked = `ip route get ${to} in ${placeText(stage)}: ${refusal}`;
      // no-route and vrf-leak say what is missing.
      if (route !== undefined && route === guardRoute(evidence, stage)) return [];
      if (route !== undefined) {
        const table = route.table === 'main' ? '' : ` of table ${route.table}`;
        const inTable = route.table === 'main' ? {} : { table: route.table };
        return [
          {
            ...at,
            sentence: `${placeText(stage)} has ${route.type === 'unreachable' ? 'an' : 'a'} ${route.type} route${table} for ${route.dst}, which takes the ${packetText(evidence, stage)} to ${to}.`,
            proof: [asked, `ip route: ${route.type} ${route.dst}${table}`],
            mend: mend(
              host,
              task(
                `Take the ${route.type} route away`,
                'route',
                { dst: namedDestination(route.dst, to), type: route.type, ...inTable, state: 'absent' },
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
          sentence: `${placeText(stage)} has the rule ${rule.priority}: from ${rule.from} to ${rule.to} ${rule.action}${rule.conditional ? ', for some packets only' : ''}, which takes the ${packetText(evidence, stage)} to ${to}.`,
          proof: [asked],
          // What tells it from others is not known here.
          ...(rule.conditional
            ? {}
            : { mend: mend(host, task('Take the rule away', 'rule', ruleParams(rule, isV6(to)), netns)) }),
        },
      ];
    }),
});
