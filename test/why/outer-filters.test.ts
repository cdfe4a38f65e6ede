import { describe, expect, test } from 'vitest';
import { evidenceSchema } from '../../controller/reach/why/evidence.ts';
import { type OuterPackets, outerFilters, type Side } from '../../controller/reach/why/outer-filters.ts';
import { readNft } from '../../controller/reach/why/read-nft.ts';

const vxlan = { kind: 'vxlan', port: 4789, from: ['172.16.91.10'], to: ['172.16.91.14'], bridged: true };
const group = { ...vxlan, to: ['172.16.91.14', '239.1.1.1'] };
const v6 = { ...vxlan, from: ['fd00::a'], to: ['fd00::e'] };
const gre = { ...vxlan, kind: 'gre', port: 0 };

/** What is found of a ruleset at the two ends of a tunnel and between them, by the handles of rules. */
function found(ruleset: string, packets: OuterPackets) {
  const { places } = evidenceSchema.parse({
    question: { host: 'vm01', to: '10.0.0.1' },
    places: [{ host: 'vm01', ...readNft(ruleset) }],
  });
  const handles = (side: Side) =>
    places.flatMap((place) => outerFilters(place, packets, side).map(({ handle }) => handle));
  return { sent: handles('sent'), passed: handles('passed'), received: handles('received') };
}

const table = (rule: string, family = 'inet') => `table ${family} f { # handle 1
	chain in { # handle 1
		type filter hook input priority filter; policy accept;
		${rule} # handle 2
	}
}`;

describe('rules that may drop outer packets', () => {
  test.each<[string, OuterPackets, string, string?]>([
    ['its port', vxlan, 'udp dport 4789 drop'],
    ['a range of ports around it', vxlan, 'udp dport 4000-5000 counter packets 0 bytes 0 drop'],
    ['a set with its port', vxlan, 'udp dport { 53, 4789 } drop'],
    ['a map that drops its port', vxlan, 'udp dport vmap { 53 : accept, 4789 : drop }'],
    ['a set of addresses with ports', vxlan, 'ip saddr . udp dport { 10.0.0.1 . 4789 } drop'],
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
    ['another source', vxlan, 'ip saddr 10.0.0.0/8 udp dport 4789 drop'],
    ['all sources but its own', vxlan, 'ip saddr != 172.16.91.0/24 udp dport 4789 drop'],
    ['another destination', vxlan, 'ip daddr { 10.0.0.1, 172.16.91.2 } udp dport 4789 drop'],
    ['addresses of the other family', v6, 'ip saddr 172.16.91.0/24 udp dport 4789 drop'],
    ['a table of the other family', v6, 'udp dport 4789 drop', 'ip'],
    ['a bridge that it does not go over', { ...vxlan, bridged: false }, 'udp dport 4789 drop', 'bridge'],
    ['a range of other protocols', gre, 'meta l4proto 48-50 drop'],
    ['a protocol whose name begins alike', { ...gre, kind: 'sit' }, 'meta l4proto ipv6-icmp drop'],
    ['another protocol', gre, 'meta l4proto udp drop'],
    ['a chain called so', vxlan, 'udp dport 4789 jump drop-all'],
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
    [
      'nothing that is known',
      ways(base('output', 'accept') + base('input', 'accept')),
      { sent: [2], passed: [], received: [2] },
    ],
    [
      'a loop of chains',
      ways(base('input', 'jump user'), '	chain a { # handle 5\n		jump a # handle 6\n	}\n\n'),
      { sent: [], passed: [], received: [2] },
    ],
  ])('count where %s leads to their chain', (_, ruleset, handles) => {
    expect(found(ruleset, vxlan)).toEqual(handles);
  });
});
