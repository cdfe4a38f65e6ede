import type { Place, Question, Stage } from '../seen/evidence.ts';
import { covers, dropsOf, isV6, placeOf, placeText, wasPassed } from '../seen/facts.ts';
import { flowList } from '../seen/flow.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

type Policy = Place['xfrmPolicies'][number];

/** The kernel asks `fwd` and `out` of what it passes on (xfrm4_route_forward, xfrm_lookup). */
function directionsOf({ iif, lookup }: Stage): readonly Policy['direction'][] {
  if (lookup.type === 'local') return iif === undefined ? [] : ['in'];
  return iif === undefined ? ['out'] : ['fwd', 'out'];
}

/** Whether a policy may take the packet, by its addresses and protocol. */
function mayTake({ source, destination, only = '' }: Policy, { from, to }: Stage, { protocol }: Question): boolean {
  const own = protocol === 'icmp' && isV6(to) ? 'ipv6-icmp' : protocol;
  const [, named = own] = /^proto (\S+)/.exec(only) ?? [];
  return named === own && covers(source, from) && covers(destination, to);
}

export const cause = defineCause({
  name: 'xfrm-policy',
  summary: 'An IPsec policy blocks the packet, or demands a protection that it has not.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, iif, from, to, direction, lookup } = stage;
      const policies = placeOf(evidence, stage)?.xfrmPolicies ?? [];
      // The first one that takes it decides.
      const [found] = directionsOf(stage).flatMap((way) => {
        const takers = policies.filter((one) => one.direction === way && mayTake(one, stage, evidence.question));
        const policy = takers.find(({ only }) => only === undefined);
        return policy?.action === 'block' || (policy?.demands.length ?? 0) > 0 ? [{ policy, first: takers[0] }] : [];
      });
      const { policy, first } = found ?? {};
      if (policy === undefined) return [];
      const dropped = dropsOf(evidence).find(
        (drop) =>
          drop.host === host && drop.netns === netns && drop.direction === direction && drop.reason === 'XFRM_POLICY',
      );
      // Who takes it asks for policies behind where it is seen to be delivered (icmp_rcv, tcp_v4_rcv).
      if (dropped === undefined && wasPassed(evidence, lookup.type === 'local' ? index + 1 : index)) return [];
      // One before it may have let the packet pass.
      if (dropped === undefined && first !== policy) return [];
      const { source, destination, action, demands } = policy;
      const selector = `src ${source} dst ${destination} dir ${policy.direction}`;
      const blocks = action === 'block';
      const what = blocks ? 'blocks it' : `demands ${demands.join(' and ')} of it`;
      const argv = flowList(
        ...'ip xfrm policy delete src'.split(' '),
        source,
        'dst',
        destination,
        'dir',
        policy.direction,
      );
      return [
        {
          stage: index,
          confidence: dropped === undefined || first !== policy ? 'likely' : 'certain',
          host,
          netns,
          device: iif,
          direction,
          sentence: `The IPsec policy ${selector} of ${placeText(stage)} takes the ${direction} from ${from} to ${to}, and ${what}.`,
          proof: [
            ...(dropped === undefined ? [] : [`the kernel of ${host} dropped it: ${dropped.reason}`]),
            `ip xfrm policy in ${placeText(stage)}: ${selector}${blocks ? ' action block' : ''}`,
          ],
          ...(blocks
            ? { mend: mend(host, task('Take the policy away', 'command', { argv }, netns)) }
            : { beware: 'Both ends need an association (ip xfrm state) for it.' }),
        },
      ];
    }),
});
