import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { judge } from '../../controller/reach/why/judge.ts';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';

type Side = 'asker' | 'holder';

/** True where the cause is told of a case of its own, with other rules in a chain of the asker, or of who has the address. */
function isTold(file: string, side: Side, hook: string, policy: string, rules: readonly string[]): boolean {
  const text = readFileSync(join(import.meta.dirname, 'neighbour-filtered', file), 'utf8');
  const evidence = evidenceSchema.parse(parse(text).evidence);
  const chain = evidence.places.flatMap(({ nftChains }) => nftChains)[0];
  const holder = evidence.places.findIndex(({ nftChains }) => nftChains.length > 0);
  const places = evidence.places.map((place, index) => {
    const isHere = chain !== undefined && index === (side === 'holder' ? holder : holder - 1);
    const { family = '', table = '' } = chain ?? {};
    return {
      ...place,
      nftChains: isHere ? [{ family, table, name: 'c', hook, policy }] : [],
      nftRules: isHere ? rules.map((rule, at) => ({ family, table, chain: 'c', handle: at + 2, text: rule })) : [],
    };
  });
  return judge({ ...evidence, places }).some(({ cause }) => cause === 'neighbour-filtered');
}

type Row = readonly [told: boolean, side: Side, hook: string, policy: string, ...rules: string[]];

// pc, which is 10.1.0.2, asks the router, which has 10.1.0.1 on left.
const arp: readonly Row[] = [
  [true, 'holder', 'input', 'accept', 'arp operation request log prefix "arp " drop'],
  [true, 'holder', 'input', 'accept', 'arp operation request drop comment "no arp"'],
  [true, 'holder', 'input', 'accept', 'arp operation { request, reply } drop'],
  [true, 'holder', 'input', 'accept', 'arp htype 1 arp ptype ip arp operation request drop'],
  [true, 'holder', 'input', 'accept', 'arp operation != reply counter packets 3 bytes 84 drop'],
  [true, 'holder', 'input', 'accept', 'arp operation request log prefix "accept " drop'],
  [true, 'holder', 'input', 'accept', 'arp saddr ip 10.1.0.0/24 arp daddr ip 10.1.0.1 drop'],
  [true, 'holder', 'output', 'accept', 'arp operation reply drop'],
  [true, 'holder', 'output', 'accept', 'arp saddr ip 10.1.0.1 drop'],
  [true, 'asker', 'output', 'accept', 'arp operation request drop'],
  [true, 'asker', 'input', 'accept', 'arp daddr ip 10.1.0.2 drop'],
  [true, 'holder', 'input', 'drop', 'iifname "wg0" accept'],
  [false, 'holder', 'input', 'drop', 'iifname @ports accept'],
  [false, 'holder', 'input', 'drop', 'iifname . arp saddr ip { "left" . 10.1.0.2 } accept'],
  [false, 'holder', 'input', 'drop', 'iifname vmap @ports'],
  [false, 'holder', 'input', 'drop', 'fib saddr . iif oif exists accept'],
  [false, 'holder', 'input', 'drop', 'oifname "wg0" accept'],
  [false, 'holder', 'input', 'accept', 'oifname "left" drop'],
  [false, 'asker', 'output', 'accept', 'iifname "eth0" drop'],
  [false, 'holder', 'input', 'drop', 'ether type 8021q accept'],
  [false, 'holder', 'input', 'drop', 'ether type vlan accept'],
  [false, 'holder', 'input', 'drop', 'ether type 0x0806 accept'],
  [false, 'holder', 'input', 'drop', 'arp operation request accept'],
  [false, 'holder', 'input', 'drop', 'iifname "le*" accept'],
  [false, 'holder', 'input', 'accept', 'arp operation reply drop'],
  [false, 'holder', 'input', 'accept', 'limit rate over 5/second drop'],
  [false, 'holder', 'output', 'accept', 'arp operation request drop'],
  [false, 'asker', 'output', 'accept', 'arp operation reply drop'],
  [false, 'asker', 'input', 'accept', 'arp saddr ip 10.1.0.2 drop'],
  [false, 'asker', 'input', 'accept', 'arp saddr ip { 10.1.0.2, 10.1.0.7 } drop'],
];

// The router asks srv, which has fd00:2::2 on eth0.
const discovery: readonly Row[] = [
  [true, 'holder', 'input', 'accept', 'icmpv6 type nd-neighbor-solicit log prefix "nd " drop'],
  [true, 'holder', 'input', 'accept', 'icmpv6 type nd-neighbor-solicit drop comment "accept none"'],
  [true, 'holder', 'input', 'accept', 'meta nfproto ipv6 icmpv6 type nd-neighbor-solicit drop'],
  [true, 'holder', 'input', 'accept', 'meta l4proto ipv6-icmp reject with icmpv6 admin-prohibited'],
  [true, 'holder', 'input', 'accept', 'icmpv6 type { nd-neighbor-advert, nd-neighbor-solicit } drop'],
  [true, 'asker', 'input', 'accept', 'icmpv6 type nd-neighbor-advert drop'],
  [true, 'holder', 'input', 'drop', 'iifname "wg0" accept'],
  [true, 'holder', 'input', 'drop', 'ip6 nexthdr { tcp, udp } accept'],
  [true, 'holder', 'input', 'drop', 'ct state established,related accept', 'tcp dport 22 accept'],
  [true, 'holder', 'input', 'drop', 'ct state vmap { established : accept, related : accept }'],
  [true, 'holder', 'input', 'drop', 'icmpv6 type { echo-request, nd-router-advert } accept'],
  [false, 'holder', 'input', 'drop', 'ct state != invalid accept'],
  [false, 'holder', 'input', 'drop', 'ct state { established, untracked } accept'],
  [false, 'holder', 'input', 'drop', 'icmpv6 type @nd accept'],
  [false, 'holder', 'input', 'drop', 'icmpv6 type != echo-request accept'],
  [false, 'holder', 'input', 'drop', 'icmpv6 type >= nd-router-solicit accept'],
  [false, 'holder', 'input', 'drop', 'icmpv6 type nd-router-solicit-nd-redirect accept'],
  [false, 'holder', 'input', 'drop', 'meta l4proto vmap { ipv6-icmp : jump icmp, tcp : jump tcp }'],
  [false, 'asker', 'input', 'accept', 'icmpv6 type nd-neighbor-solicit drop'],
  [false, 'asker', 'output', 'accept', 'icmpv6 type nd-neighbor-advert drop'],
  [false, 'holder', 'output', 'accept', 'icmpv6 type nd-neighbor-solicit drop'],
];

describe.each([
  { file: 'arp.yml', rows: arp },
  { file: 'policy.yml', rows: discovery },
])('$file', ({ file, rows }) => {
  const cases = rows.map(([told, side, hook, policy, ...rules]) => ({
    told,
    side,
    hook,
    policy,
    rules,
    text: rules.join('; '),
  }));
  test.each(cases)('$told: $side, hook $hook, policy $policy: $text', ({ told, side, hook, policy, rules }) => {
    expect(isTold(file, side, hook, policy, rules)).toBe(told);
  });
});

// Each of these would take long if looked through again from each of its words.
test.each([
  `icmpv6 type {${'nd-neighbor'.repeat(80_000)}`,
  'icmpv6 type { '.repeat(80_000),
  `${'icmpv6 type nd-x '.repeat(80_000)}accept`,
  `${'ct state new '.repeat(80_000)}accept`,
  'reject with icmpv6 '.repeat(80_000),
])('a rule of great length is read at once', (rule) => {
  expect(isTold('policy.yml', 'holder', 'input', 'accept', [rule])).toBe(false);
});
