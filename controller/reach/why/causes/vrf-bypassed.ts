import type { Place, PlaceName, Stage } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { arrives, isV6, linkOf, longestMatch, placeOf, placeText, ruleTakes } from '../seen/facts.ts';
import { vrfOfStage } from '../way/guard-route.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** The kernel's own (drivers/net/vrf.c: FIB_RULE_PREF). */
const priority = 1000;

/** A packet, or a question for a MAC, that a place looks for. */
type Met = PlaceName & Pick<Stage, 'iif' | 'from' | 'to' | 'lookup' | 'seen'>;

/** What its VRF's table has for it, where the kernel did not go by that, and the rule that came before. */
function bypassed(place: Place, vrf: Link | undefined, { iif, from, to, lookup }: Met) {
  if (vrf === undefined || lookup.type === 'local') return undefined;
  const of = (table: string) => place.routes.filter((route) => route.table === table);
  const table = String(vrf.vrfTable);
  const own = longestMatch(of(table), to);
  const isWay = own?.type === 'unicast' && linkOf(place, own.dev)?.up !== false;
  if (own === undefined || (!isWay && own.type !== 'local')) return undefined;
  const isTaken = ({ type, dev, gateway }: Place['routes'][number]) =>
    lookup.type === type && lookup.dev === dev && lookup.gateway === gateway;
  // There may be several ways.
  if (lookup.refusal === undefined && of(table).some((route) => route.dst === own.dst && isTaken(route)))
    return undefined;
  const rules = place.rules.filter(({ v6 }) => v6 === isV6(to));
  const l3mdev = rules.find((rule) => rule.table === 'l3mdev');
  const leads = (rule: Place['rules'][number]) =>
    ![undefined, 'throw'].includes(longestMatch(of(rule.table), to)?.type);
  const [taker] = rules
    .filter((rule) => !rule.conditional && ruleTakes(rule, { from, to, iif }) && leads(rule))
    .sort((one, other) => one.priority - other.priority);
  // A rule of one's own leads there.
  if (taker?.table === table) return undefined;
  const before = taker !== undefined && taker.priority < (l3mdev?.priority ?? 0) ? taker : undefined;
  // Without rules, none were read.
  if (rules.length === 0 || (l3mdev !== undefined && before === undefined)) return undefined;
  return { vrf, own, before };
}

export const cause = defineCause({
  name: 'vrf-bypassed',
  summary:
    'A packet that came by a VRF is not looked for in its table: the rule l3mdev is gone, or another comes before it.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const at = (place: Place | undefined, met: Met, what: string): readonly Finding[] => {
        const found = place && bypassed(place, vrfOfStage(evidence, met), met);
        if (place === undefined || found === undefined) return [];
        const { vrf, own, before } = found;
        const { iif, from, to, lookup } = met;
        const came = iif === undefined ? `made in VRF ${vrf.name}` : `that came by ${iif}`;
        const by = iif === undefined ? `oif ${vrf.name}` : `iif ${iif}`;
        const has =
          own.type === 'local'
            ? `says that ${to} is its own`
            : `has the way to ${to}, by ${own.dev}${own.gateway === undefined ? '' : ` via ${own.gateway}`}`;
        const there = `table ${vrf.vrfTable} of its VRF ${vrf.name}, which ${has}`;
        const family = isV6(to) ? { family: 'inet6' } : {};
        return [
          {
            ...foundAt({ index, stage, place, dev: iif }, met.seen && before === undefined ? 'certain' : 'likely'),
            sentence: before
              ? `Rule ${before.priority} of ${placeText(place)} takes ${what} ${came} to table ${before.table}, before the rule l3mdev leads it to ${there}.`
              : `No rule of ${placeText(place)} leads ${what} ${came} to ${there}.`,
            proof: [
              `ip route get ${to} from ${from} ${by} in ${placeText(place)}: ${lookup.refusal ?? `by ${lookup.dev}`}`,
              before
                ? `ip rule: ${before.priority}: from ${before.from}${before.to === 'all' ? '' : ` to ${before.to}`} lookup ${before.table}`
                : 'ip rule: none of l3mdev',
            ],
            ...(before
              ? {}
              : {
                  beware: `"ip rule flush" takes the kernel's own rule, "${priority}: from all lookup [l3mdev-table]", away too.`,
                  mend: mend(
                    place.host,
                    task(
                      'Look in the tables of VRFs again',
                      'rule',
                      { priority, l3mdev: true, ...family },
                      place.netns,
                    ),
                  ),
                }),
          },
        ];
      };
      // Who does not know the address as its own does not answer who has it, either.
      const to = stage.lookup.gateway ?? stage.to;
      const unheard = stage.asked.flatMap((question) =>
        at(
          placeOf(evidence, question),
          { ...question, from: stage.from, to, seen: false },
          `the question who has ${to}`,
        ),
      );
      // Another table may lead there, too.
      const own = arrives(evidence, stage.direction)
        ? []
        : at(placeOf(evidence, stage), stage, `the ${stage.direction}`);
      return [...own, ...unheard];
    }),
});
