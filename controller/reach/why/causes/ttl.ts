import { count } from '../../../report/format.ts';
import type { Direction, Evidence } from '../evidence.ts';
import { deviceKey, isV6, placeOf, placeText, sysctlOf } from '../facts.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** ICMP time exceeded (RFC 792), type 3 of RFC 4443, as ping says it and as it was seen. */
const exceeded = /time to live exceeded|time exceeded|hop limit/i;

function find(evidence: Evidence, direction: Direction): readonly Finding[] {
  const way = evidence.stages
    .map((stage, index) => ({ stage, index }))
    .filter(({ stage }) => stage.direction === direction);
  const origin = way[0]?.stage;
  if (origin === undefined || origin.iif !== undefined) return [];
  const v6 = isV6(origin.to);
  const key = v6 ? deviceKey(origin.lookup.dev ?? '', 'hop_limit', 'ipv6') : 'net.ipv4.ip_default_ttl';
  const ttl = sysctlOf(placeOf(evidence, origin), key);
  if (ttl === undefined) return [];
  // Each router takes one off, and lets nothing pass that has one left (ip_forward, ip6_forward).
  const routers = way.filter(({ stage: { iif, lookup } }) => iif !== undefined && lookup.type === 'unicast');
  const last = routers[ttl - 1];
  if (last === undefined) return [];
  const { host, netns, iif } = last.stage;
  const told =
    exceeded.test(evidence.probe.text) || evidence.events.some(({ about, type }) => about && type === (v6 ? 3 : 11));
  const word = v6 ? 'hop limit' : 'TTL';
  return [
    {
      stage: last.index,
      confidence: told ? 'certain' : 'likely',
      host,
      netns,
      device: iif,
      direction,
      sentence: `The ${direction} leaves ${placeText(origin)} with ${word} ${ttl}, which is used up in ${placeText(last.stage)}: ${key} is ${ttl} there.`,
      proof: [
        `${key} = ${ttl} in ${placeText(origin)}`,
        `${count(routers.length, 'router')} on the way to ${origin.to}`,
        ...(evidence.probe.text === '' ? [] : [`the probe: ${evidence.probe.text}`]),
      ],
      mend: mend(origin.host, task('Let packets pass more routers', 'sysctl', { name: key, value: 64 }, origin.netns)),
    },
  ];
}

export const cause = defineCause({
  name: 'ttl',
  summary: 'The sender gives its packets a TTL or hop limit that does not last to the other end.',
  find: (evidence) => [...find(evidence, 'request'), ...find(evidence, 'reply')],
});
