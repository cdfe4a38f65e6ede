import { count } from '../../../report/format.ts';
import type { Direction, Evidence } from '../seen/evidence.ts';
import { deviceKey, isV6, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { ruleText } from '../way/nft-drops.ts';
import { bareRule, nftRuleTask } from '../way/nft-mend.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

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
  const told =
    exceeded.test(evidence.probe.text) || evidence.events.some(({ about, type }) => about && type === (v6 ? 3 : 11));
  const word = v6 ? 'hop limit' : 'TTL';
  return [
    {
      ...foundAt({ ...last, dev: last.stage.iif }, told ? 'certain' : 'likely'),
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

/** A rule of nftables gives packets on their way a TTL that does not last. */
function findRewritten(evidence: Evidence, direction: Direction): readonly Finding[] {
  const way = evidence.stages
    .map((stage, index) => ({ stage, index }))
    .filter(({ stage }) => stage.direction === direction);
  return way.flatMap(({ stage }, at): readonly Finding[] => {
    const place = placeOf(evidence, stage);
    const rules = place?.nftRules.flatMap((rule) => {
      const [, set] = (isV6(stage.to) ? /\bip6 hoplimit set (\d+)\b/ : /\bip ttl set (\d+)\b/).exec(rule.text) ?? [];
      return set === undefined ? [] : [{ rule, ttl: Number(set) }];
    });
    return (rules ?? []).flatMap(({ rule, ttl }): readonly Finding[] => {
      const hook = place?.nftChains.find(
        ({ family, table, name }) => family === rule.family && table === rule.table && name === rule.chain,
      )?.hook;
      // A router has taken off its one by the time that it forwards.
      const later = way.slice(hook === 'prerouting' ? at : at + 1);
      const last = later.filter(({ stage: { iif, lookup } }) => iif !== undefined && lookup.type === 'unicast')[
        ttl - 1
      ];
      const isSeen = wasSeen(evidence, stage, rule.text);
      const isTold = direction === 'request' && exceeded.test(evidence.probe.text);
      if (last === undefined || (!isSeen && !isTold)) return [];
      const word = isV6(stage.to) ? 'hop limit' : 'TTL';
      return [
        {
          ...foundAt({ ...last, dev: last.stage.iif }, isSeen && isTold ? 'certain' : 'likely'),
          sentence: `${ruleText(rule)} in ${placeText(stage)} gives the ${direction} ${word} ${ttl}, which is used up in ${placeText(last.stage)}.`,
          proof: [
            ...(isSeen ? [`nft monitor trace in ${placeText(stage)}: ${rule.text}`] : []),
            ...(isTold ? [`the probe: ${evidence.probe.text}`] : []),
          ],
          mend: mend(
            stage.host,
            nftRuleTask('Take the rule away', rule, bareRule(rule.text), { state: 'absent' }, stage.netns),
          ),
        },
      ];
    });
  });
}

/** A packet of this stage was seen to meet the rule. */
function wasSeen({ nft }: Evidence, { host, netns, from, to }: Evidence['stages'][number], text: string): boolean {
  const here = nft.filter((line) => line.host === host && line.netns === netns);
  const own = here.filter(
    (line) => line.step === 'packet' && line.text.includes(` saddr ${from} `) && line.text.includes(` daddr ${to} `),
  );
  const packets = new Set(own.map(({ packet }) => packet));
  return here.some(
    (line) => line.step === 'rule' && packets.has(line.packet) && bareRule(line.text) === bareRule(text),
  );
}

export const cause = defineCause({
  name: 'ttl',
  summary: 'The sender, or a rule on the way, gives packets a TTL or hop limit that does not last to the other end.',
  find: (evidence) =>
    (['request', 'reply'] as const).flatMap((direction) => [
      ...find(evidence, direction),
      ...findRewritten(evidence, direction),
    ]),
});
