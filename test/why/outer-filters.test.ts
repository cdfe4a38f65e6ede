import { describe, expect, test } from 'vitest';
import { readNft } from '../../controller/reach/why/read/read-nft.ts';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import { outerFilters, type Side } from '../../controller/reach/why/way/outer-filters.ts';
import type { OuterPackets } from '../../controller/reach/why/way/outer-rule.ts';

const vxlan = { kind: 'vxlan', port: 4789, from: ['172.16.91.10'], to: ['172.16.91.14'], bridged: true };
const group = { ...vxlan, to: ['172.16.91.14', '239.1.1.1'] };
const v6 = { ...vxlan, from: ['fd00::a'], to: ['fd00::e'] };
const gre = { ...vxlan, kind: 'gre', port: 0 };

/** What is found of a ruleset at the two ends of a tunnel and between them, where nobody saw them lost: by the handles of rules. */
function found(ruleset: string, packets: OuterPackets) {
  const { places } = evidenceSchema.parse({
    question: { host: 'vm01', to: '10.0.0.1' },
    places: [{ host: 'vm01', ...readNft(ruleset) }],
  });
  const handles = (side: Side) =>
    places
      .flatMap((place) => outerFilters(place, packets, side))
      .flatMap(({ rule, names, sure }) => (names || sure ? [rule?.handle ?? 'policy'] : []));
  return { sent: handles('sent'), passed: handles('passed'), received: handles('received') };
}

const table = (rule: string, family = 'inet') => `table ${family} f { # handle 1
	chain in { # handle 1
		type filter hook input priority filter; policy accept;
		${rule} # handle 2
	}
}`;

describe('rules that may drop outer packets', () => {
  test('are not in a table that sleeps', () => {
    const asleep = table('udp dport 4789 drop').replace('\n', '\n\tflags dormant\n\n');
    expect(found(asleep, vxlan).received).toEqual([]);
    expect(found(`${asleep}\n${table('udp dport 4789 drop', 'ip')}`, vxlan).received).toEqual([2]);
  });

  test.each<[string, OuterPackets, string, string?]>([
    ['its port', vxlan, 'udp dport 4789 drop'],
    ['a range of ports around it', vxlan, 'udp dport 4000-5000 counter packets 0 bytes 0 drop'],
    ['a set with its port', vxlan, 'udp dport { 53, 4789 } drop'],
    ['a map that drops its port', vxlan, 'udp dport vmap { 53 : accept, 4789 : drop }'],
    ['a set of addresses with ports', vxlan, 'ip saddr . udp dport { 10.0.0.1 . 53, 172.16.91.10 . 4789 } drop'],
    ['a set of MACs with ports', vxlan, 'ether saddr . udp dport { 52:54:00:21:85:01 . 4789 } drop'],
    ['any protocol with that port', vxlan, 'meta l4proto { tcp, udp } th dport 4789 drop'],
    ['all but another port', vxlan, 'udp dport != 53 drop'],
    ['UDP', vxlan, 'meta l4proto udp drop'],
    ['all but TCP', vxlan, 'meta l4proto != tcp drop'],
    ['its addresses', vxlan, 'ip saddr 172.16.91.0/24 ip daddr 172.16.91.14 udp dport 4789 drop'],
    ['a named set of addresses', vxlan, 'ip saddr @blocked udp dport 4789 drop'],
    ['addresses of what it carries', vxlan, 'udp dport 4789 vxlan ip saddr 10.0.0.0/8 drop'],
    ['a MAC', vxlan, 'ether saddr 52:54:00:21:85:01 udp dport 4789 drop'],
    ['its group', group, 'ip daddr 224.0.0.0/4 udp dport 4789 drop'],
    ['its address of IPv6', v6, 'ip6 saddr fd00::/64 udp dport 4789 drop'],
    ['its protocol', gre, 'meta l4proto gre drop'],
    ['its protocol as iptables has it', gre, 'ip protocol 47 counter packets 3 bytes 99 drop', 'ip'],
    ['a range of protocols that begins with its own', gre, 'meta l4proto 47-50 drop'],
    ['a range of protocols around it', gre, 'meta l4proto { ipv6, 4-60 } drop'],
    ['any port from some of its own', vxlan, 'udp sport 32768-60999 udp dport 4789 drop'],
    ['ports from one below its own', vxlan, 'udp dport >= 1024 drop'],
    ['its link', { ...vxlan, iif: 'ens34' }, 'iifname "ens*" udp dport 4789 drop'],
    ['a pair of protocol and port', vxlan, 'meta l4proto . th dport { tcp . 22, udp . 4789 } drop'],
    ['new connections', vxlan, 'ct state new udp dport 4789 drop'],
    [
      'a port of the bridge that it comes by',
      { ...vxlan, iif: 'br0' },
      'iifname "ens34" udp dport 4789 drop',
      'bridge',
    ],
    ['what it carries', vxlan, 'udp dport 4789 vxlan tcp dport 22 drop'],
    ['what is looked up of it', vxlan, 'fib daddr . iif type local udp dport 4789 drop'],
    ['frames of a bridge that it may go over', vxlan, 'udp dport 4789 drop', 'bridge'],
  ])('are found by %s', (_, packets, rule, family) => {
    expect(found(table(rule, family), packets)).toEqual({ sent: [], passed: [], received: [2] });
  });

  test.each<[string, OuterPackets, string, string?]>([
    ['another port', vxlan, 'udp dport 53 drop'],
    ['a range of other ports', vxlan, 'udp dport 5000-6000 drop'],
    ['a count like its port', vxlan, 'tcp dport 22 counter packets 4789 bytes 4789 drop'],
    ['a port of TCP', vxlan, 'tcp dport 4789 drop'],
    ['all but its port', vxlan, 'udp dport != 4789 drop'],
    ['a map that drops another port', vxlan, 'udp dport vmap { 53 : drop, 4789 : accept }'],
    ['a map that accepts it, and drops the rest', vxlan, 'udp dport vmap { 4789 : accept, * : drop }'],
    ['banned sources of any port', vxlan, 'meta l4proto { tcp, udp } ip saddr @banned reject'],
    ['another source', vxlan, 'ip saddr 10.0.0.0/8 udp dport 4789 drop'],
    ['all sources but its own', vxlan, 'ip saddr != 172.16.91.0/24 udp dport 4789 drop'],
    ['another destination', vxlan, 'ip daddr { 10.0.0.1, 172.16.91.2 } udp dport 4789 drop'],
    ['addresses of the other family', v6, 'ip saddr 172.16.91.0/24 udp dport 4789 drop'],
    ['the protocol of the other family', v6, 'ip protocol udp drop'],
    ['a table of the other family', v6, 'udp dport 4789 drop', 'ip'],
    ['another source behind the protocol', gre, 'ip protocol gre ip saddr 10.0.0.0/8 drop'],
    ['another link', { ...vxlan, iif: 'ens34' }, 'iifname "ens35" udp dport 4789 drop'],
    ['other links', { ...vxlan, iif: 'ens34' }, 'iifname { "veth*", "lo" } udp dport 4789 drop'],
    ['all links but its own', { ...vxlan, iif: 'ens34' }, 'iif != "ens34" udp dport 4789 drop'],
    ['connections that are known', vxlan, 'ct state established,related udp dport 4789 drop'],
    ['ports below its own', vxlan, 'udp dport < 1024 drop'],
    ['the port that they come from', vxlan, 'udp sport 4789 drop'],
    ['a set of other addresses with ports', vxlan, 'ip saddr . udp dport { 10.0.0.1 . 4789, 172.16.91.10 . 53 } drop'],
    ['another pair of protocol and port', vxlan, 'meta l4proto . th dport { tcp . 4789, udp . 53 } drop'],
    ['a bridge that it does not go over', { ...vxlan, bridged: false }, 'udp dport 4789 drop', 'bridge'],
    ['a range of other protocols', gre, 'meta l4proto 48-50 drop'],
    ['a protocol whose name begins alike', { ...gre, kind: 'sit' }, 'meta l4proto ipv6-icmp drop'],
    ['another protocol', gre, 'meta l4proto udp drop'],
    ['a chain called so', vxlan, 'udp dport 4789 jump drop-all'],
    ['the number that is called like their kind', { ...gre, kind: 'ipip' }, 'meta l4proto ipip drop'],
    ['a comment', vxlan, 'udp dport 4789 accept comment "do not drop"'],
  ])('are not those of %s', (_, packets, rule, family) => {
    expect(found(table(rule, family), packets)).toEqual({ sent: [], passed: [], received: [] });
  });

  const ways = (bases: string, more = '') => `table inet f { # handle 1
${more}	chain tunnels { # handle 1
		udp dport 4789 drop # handle 2
	}

	chain user { # handle 3
		goto tunnels # handle 4
	}

${bases}}`;
  const base = (hook: string, rule: string) => `	chain ${hook} { # handle 9
		type filter hook ${hook} priority filter; policy accept;
		${rule} # handle 10
	}
`;
  const named = `	map m { # handle 8
		type inet_service : verdict
		elements = { 22 : accept,
			     4789 : jump tunnels }
	}

`;
  test.each([
    ['a jump of what is sent', ways(base('output', 'jump user')), { sent: [2], passed: [], received: [] }],
    [
      'a jump of what comes',
      ways(base('input', 'jump user') + base('output', 'accept')),
      { sent: [], passed: [], received: [2] },
    ],
    [
      'jumps of both',
      ways(base('prerouting', 'jump user') + base('postrouting', 'goto tunnels')),
      { sent: [2], passed: [2], received: [2] },
    ],
    [
      'a jump of what is passed on',
      ways(base('forward', 'jump user') + base('output', 'accept')),
      { sent: [], passed: [2], received: [] },
    ],
    [
      'a map',
      ways(base('output', 'meta l4proto vmap { tcp : accept, udp : goto tunnels }')),
      { sent: [2], passed: [], received: [] },
    ],
    [
      'a map with a name',
      ways(base('output', 'udp dport vmap @m') + base('input', 'accept'), named),
      { sent: [2], passed: [], received: [] },
    ],
    ['nothing', ways(base('output', 'accept') + base('input', 'accept')), { sent: [], passed: [], received: [] }],
    ['who knows what', ways(''), { sent: [2], passed: [2], received: [2] }],
    [
      'a loop of chains',
      ways(base('input', 'jump user'), '	chain a { # handle 5\n		jump a # handle 6\n	}\n\n'),
      { sent: [], passed: [], received: [2] },
    ],
  ])('count where %s leads to their chain', (_, ruleset, handles) => {
    expect(found(ruleset, vxlan)).toEqual(handles);
  });

  const input = (rules: readonly string[], policy = 'accept', more = '') => `table inet f { # handle 1
${more}	chain in { # handle 1
		type filter hook input priority filter; policy ${policy};
${rules.map((rule, at) => `		${rule} # handle ${at + 10}`).join('\n')}
	}
}`;
  const chain = (name: string, ...rules: readonly string[]) =>
    `	chain ${name} { # handle 2
${rules.map((rule, at) => `		${rule} # handle ${at + 20}`).join('\n')}
	}

`;
  const usual = [
    'iifname "lo" accept',
    'ct state established,related accept',
    'tcp dport 22 accept',
    'icmp type echo-request accept',
  ];
  const here = { ...vxlan, iif: 'ens34' };

  test.each<[string, OuterPackets, string, (number | string)[]]>([
    [
      'a rule before accepts them',
      here,
      input(['ip saddr 172.16.91.10 udp dport 4789 accept', 'udp dport 4789 drop']),
      [],
    ],
    [
      'a rule before may accept them',
      here,
      input(['ip saddr @peers udp dport 4789 accept', 'udp dport 4789 drop']),
      [11],
    ],
    [
      'a rule before accepts others',
      here,
      input(['ip saddr 10.0.0.1 udp dport 4789 accept', 'udp dport 4789 drop']),
      [11],
    ],
    ['the last rule drops what no other accepts', here, input([...usual, 'counter packets 0 bytes 0 drop']), [14]],
    ['the policy does', here, input(usual, 'drop'), ['policy']],
    ['a rule accepts them before the policy', here, input([...usual, 'udp dport { 53, 4789 } accept'], 'drop'), []],
    [
      'a chain accepts them before the policy',
      here,
      input(['jump user'], 'drop', chain('user', 'udp dport 4789 accept')),
      [],
    ],
    [
      'a chain goes back before the policy',
      here,
      input(['jump user'], 'drop', chain('user', 'return', 'accept')),
      ['policy'],
    ],
    [
      'goto does not come back',
      here,
      input(['goto user', 'udp dport 4789 accept'], 'drop', chain('user', 'ip saddr 10.0.0.1 accept')),
      ['policy'],
    ],
    [
      'a map sends other states on',
      here,
      input(['ct state vmap { invalid : drop, established : accept, related : accept }'], 'drop'),
      ['policy'],
    ],
    [
      'their jump is not for them',
      here,
      input(['ip saddr 10.0.0.0/8 jump user'], 'accept', chain('user', 'udp dport 4789 drop')),
      [],
    ],
    [
      'a jump may be for them',
      here,
      input(['ip saddr @some jump user'], 'accept', chain('user', 'udp dport 4789 drop')),
      [20],
    ],
    ['a map lets them go on', here, input(['udp dport vmap { 4789 : continue, 53 : accept }', 'counter reject']), [11]],
    [
      'a map leads them on',
      here,
      input(['meta l4proto vmap { tcp : accept, udp : jump user }'], 'accept', chain('user', 'drop')),
      [20],
    ],
    ...[
      'meta protocol vmap { ip : jump user, ip6 : accept }',
      'meta mark vmap { 1 : jump user }',
      'meta mark vmap @m',
    ].map((rule): [string, OuterPackets, string, (number | string)[]] => [
      `what nobody knows of them may lead them to where they are accepted: ${rule}`,
      here,
      input([rule], 'drop', chain('user', 'udp dport 4789 accept')),
      [],
    ]),
    [
      'what nobody knows of them may lead them to a chain',
      here,
      input(['meta protocol vmap { ip : jump user }'], 'accept', chain('user', 'udp dport 4789 drop')),
      [20],
    ],
    ['what is looked up may accept them', here, input(['fib daddr . iif type local accept'], 'drop'), []],
    ['a connection that was another may be theirs', here, input(['ct original ip daddr 10.0.0.1 accept'], 'drop'), []],
    ['nobody follows their connections', here, input(['ct state untracked accept'], 'drop'), []],
    ['IPsec carries them', { ...gre, kind: 'vti', iif: 'ens34' }, input(['meta l4proto esp accept'], 'drop'), []],
    ['a connection may be known', { ...gre, iif: 'ens34' }, input(usual, 'drop'), []],
    ['chains lead in a circle', here, input(['jump user'], 'drop', chain('user', 'jump user')), ['policy']],
  ])('are told where %s', (_, packets, ruleset, handles) => {
    expect(found(ruleset, packets).received).toEqual(handles);
  });
});
