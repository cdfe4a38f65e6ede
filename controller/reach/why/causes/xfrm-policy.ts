import type { Place, Question, Stage } from '../seen/evidence.ts';
import { covers, dropsOf, isV6, placeOf, placeText, wasPassed } from '../seen/facts.ts';
import { flowList, quoted } from '../seen/flow.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

type Policy = Place['xfrmPolicies'][number];

/** The kernel asks `fwd` and `out` of what it passes on (xfrm4_route_forward, xfrm_lookup). */
function directionsOf({ iif, lookup }: Stage): readonly Policy['direction'][] {
  if (lookup.type === 'local') return iif === undefined ? [] : ['in'];
  return iif === undefined ? ['out'] : ['fwd', 'out'];
}

/** How ip calls the protocol of a probe, and its number, where the host has no names. */
function protocolsOf({ to }: Stage, { protocol }: Question): readonly string[] {
  if (protocol === 'icmp') return isV6(to) ? ['ipv6-icmp', '58'] : ['icmp', '1'];
  return protocol === 'tcp' ? ['tcp', '6'] : ['udp', '17'];
}

/** Whether a policy takes the packet, by its addresses and protocol; undefined: by what it asks for beyond these. */
function takes({ source, destination, only = '' }: Policy, stage: Stage, question: Question): boolean | undefined {
  const [, named, more] = /^proto (\S+)(.*)/.exec(only) ?? [];
  if (!covers(source, stage.from) || !covers(destination, stage.to)) return false;
  if (named !== undefined && !protocolsOf(stage, question).includes(named)) return false;
  return only === '' || more === '' ? true : undefined;
}

/** The policies of one direction that may be asked of the packet, in order: the first that surely takes it is the last. */
function asked(policies: readonly Policy[], stage: Stage, question: Question): readonly Policy[] {
  const takers = policies.filter((policy) => takes(policy, stage, question) !== false);
  const last = takers.findIndex((policy) => takes(policy, stage, question));
  return last < 0 ? takers : takers.slice(0, last + 1);
}

const refuses = ({ action, demands }: Policy) => action === 'block' || demands.length > 0;

export const cause = defineCause({
  name: 'xfrm-policy',
  summary: 'An IPsec policy blocks the packet, or demands a protection that it has not.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, iif, from, to, direction, lookup } = stage;
      const place = placeOf(evidence, stage);
      const policies = place?.xfrmPolicies ?? [];
      const ways = directionsOf(stage).map((way) =>
        asked(
          policies.filter((policy) => policy.direction === way),
          stage,
          evidence.question,
        ),
      );
      const suspects = ways.flat().filter(refuses);
      // What is not known of one before it may have let the packet pass.
      const sure = ways.flatMap(([first]) =>
        first && refuses(first) && takes(first, stage, evidence.question) ? first : [],
      );
      const dropped = dropsOf(evidence).find(
        (drop) =>
          drop.host === host && drop.netns === netns && drop.direction === direction && drop.reason === 'XFRM_POLICY',
      );
      // Who takes it asks for policies behind where it is seen to be delivered (icmp_rcv, tcp_v4_rcv).
      if (dropped === undefined && wasPassed(evidence, lookup.type === 'local' ? index + 1 : index)) return [];
      // Where the kernel counts what IPsec loses, it lost nothing: there are associations, or the packet did not come here.
      if (dropped === undefined && place?.xfrmLost === 0) return [];
      const [policy] = dropped === undefined ? sure : suspects;
      if (policy === undefined) return [];
      const { source, destination, only, action, demands } = policy;
      const words = ['src', source, 'dst', destination, ...(only?.split(' ') ?? []), 'dir', policy.direction];
      const selector = words.join(' ');
      const blocks = action === 'block';
      const what = blocks ? 'blocks it' : `demands ${demands.join(' and ')} of it`;
      const argv = flowList(
        'ip',
        'xfrm',
        'policy',
        'delete',
        ...words.map((word) => (/^\d+$/.test(word) ? quoted(word) : word)),
      );
      return [
        {
          ...foundAt(
            { index, stage, dev: iif },
            dropped !== undefined && suspects.length === 1 && sure.length === 1 ? 'certain' : 'likely',
          ),
          sentence: `The IPsec policy ${selector} of ${placeText(stage)} takes the ${direction} from ${from} to ${to}, and ${what}.`,
          proof: [
            ...(dropped === undefined ? [] : [`the kernel of ${host} dropped it: ${dropped.reason}`]),
            `ip xfrm policy in ${placeText(stage)}: ${selector}${blocks ? ' action block' : ''}`,
            ...(place?.xfrmLost ? [`/proc/net/xfrm_stat counted ${place.xfrmLost} meanwhile`] : []),
          ],
          ...(blocks
            ? { mend: mend(host, task('Take the policy away', 'command', { argv }, netns)) }
            : { beware: 'Both ends need an association (ip xfrm state) for it.' }),
        },
      ];
    }),
});
