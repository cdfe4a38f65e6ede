import { expect, test } from 'vitest';
import { readRule } from '../../controller/reach/why/way/outer-rule.ts';

const packets = { kind: 'vxlan', port: 4789, from: ['10.0.0.1'], to: ['10.0.0.2'], bridged: undefined };

test.each([
  ['udp dport 4789 counter packets 1 bytes 2 drop', 'drop'],
  ['udp dport 4789 reject with icmpx type admin-prohibited', 'reject'],
  ['udp dport 4789 queue num 0-3 bypass,fanout', 'queue'],
  ['udp dport 4789 queue flags bypass to 1-3', 'queue'],
  ['udp dport 4789 queue to jhash ip saddr . ip daddr mod 4', 'queue'],
  ['udp dport 4789 queue to symhash mod 2 map { 0 : 1, 1 : 2 }', 'queue'],
  ['udp dport 4789 jump queue', 'jump queue'],
  ['udp dport 4789 jump x-y', 'jump x-y'],
  ['udp dport 4789 log prefix "x " level debug flags tcp sequence,options flags ip options drop', 'drop'],
  ['udp dport 4789 log flags all drop', 'drop'],
])('%s', (text, verdict) => {
  expect(readRule(text, packets, [])).toEqual({ takes: true, names: true, verdicts: [verdict] });
});

// Each of these would take minutes if looked through again from each of its words.
test.each([' queue to\n', ' queue x', 'queue to ', 'reject with ', 'a . ', 'iif { ', 'vmap { '])(
  '%j many times',
  (word) => {
    expect(readRule(word.repeat(40_000), packets, [])).toMatchObject({ names: false });
  },
);
