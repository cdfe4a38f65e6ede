import { all, elsewhere, isIn, isLink, partsOfRule, type RulePackets } from './outer-rule.ts';

/** A question for a MAC by ARP or neighbour discovery, or its answer, where filters meet it. */
export interface NeighbourPacket extends RulePackets {
  readonly v6: boolean;
  readonly isAnswer: boolean;
}

/** Of sets only those that are closed: what nobody closes is not looked through again and again. */
const criteria = new RegExp(
  String.raw`(?<![\w@-]|\. |${elsewhere})(arp (?:operation|htype|ptype|hlen|plen|[sd]addr ip)|ether type|icmpv6 type|ip6 (?:[sd]addr|nexthdr|hoplimit)|meta (?:l4proto|nfproto|protocol)|ct state|[io]if(?:name)?) (?:(!=|[<>]=?|vmap) )?(\{[^{}]*\}|"[^"]*"|\S+)`,
  'g',
);

/** Headers that only other packets have. */
const otherHeader = {
  arp: /(?<![\w@-])(?:tcp|udp|udplite|th|sctp|dccp|icmp|igmp|ip|ip6|icmpv6) [a-z]/,
  discovery: /(?<![\w@-])(?:tcp|udp|udplite|th|sctp|dccp|icmp|igmp|ip|arp) [a-z]/,
};

/** One value, and no range of them or named set; not what a number may stand for, nor tags, which may be taken off. */
const single =
  /^(?!0x|8021|vlan$)(?:\w+|ipv6-[a-z]+|(?:echo|mld2?-listener|i?nd-(?:router|neighbor))-[a-z]+|nd-redirect|[a-z]+-(?:exceeded|unreachable|problem)|packet-too-big)$/;

/** How nftables calls what the packet has in a field. */
function namesOf(key: string, { v6, isAnswer }: NeighbourPacket): readonly string[] {
  const names: Readonly<Record<string, readonly string[]>> = {
    'arp operation': isAnswer ? ['reply', '2'] : ['request', '1'],
    'arp htype': ['1'],
    'arp ptype': ['ip', '0x0800'],
    'arp hlen': ['6'],
    'arp plen': ['4'],
    'ether type': [v6 ? 'ip6' : 'arp'],
    'meta protocol': [v6 ? 'ip6' : 'arp'],
    'meta nfproto': ['ipv6'],
    'meta l4proto': ['ipv6-icmp', 'icmpv6', '58'],
    'ip6 nexthdr': ['ipv6-icmp', 'icmpv6', '58'],
    'ip6 hoplimit': ['255'],
    'icmpv6 type': isAnswer ? ['nd-neighbor-advert', '136'] : ['nd-neighbor-solicit', '135'],
    // The kernel does not keep track of discovery (icmpv6_error).
    'ct state': ['untracked'],
  };
  return names[key] ?? [];
}

function has(key: string, value: string, packet: NeighbourPacket): boolean | undefined {
  if (key.includes('addr')) return isIn(value, key.includes('saddr') ? packet.from : packet.to);
  if (/^[io]if/.test(key))
    return /^"[^"]*"$/.test(value) ? isLink(value, key.startsWith('iif') ? packet.iif : packet.oif) : undefined;
  if (namesOf(key, packet).includes(value)) return true;
  return single.test(value) ? false : undefined;
}

/** Whether the packet has what a rule asks for, one thing of it. */
function meets(key: string, operator: string, values: string, packet: NeighbourPacket): boolean | undefined {
  const { v6 } = packet;
  if (v6 ? key.startsWith('arp') : /^(?:ip6|icmpv6|meta l4proto)/.test(key)) return false;
  if (/[<>]/.test(operator) || (!v6 && /^(?:meta nfproto|ct )/.test(key))) return undefined;
  const entries = values.replace(/^\{|\}$/g, '').split(',');
  const held = new Set<boolean | undefined>();
  for (const entry of entries) {
    held.add(has(key, entry.split(' : ')[0]?.trim() ?? '', packet));
    if (held.has(true)) break;
  }
  const isAny = held.has(true) ? true : held.has(undefined) ? undefined : false;
  return operator === '!=' && isAny !== undefined ? !isAny : isAny;
}

/** What a rule does to the packet: drops it for sure, may let it pass, or neither. */
export function fateBy(text: string, packet: NeighbourPacket): 'dropped' | 'passed' | undefined {
  const { asked, verdict = '' } = partsOfRule(text);
  const rest = asked.replace(criteria, '').trim();
  const found = [...asked.matchAll(criteria)];
  const isOther = otherHeader[packet.v6 ? 'discovery' : 'arp'].test(rest);
  const takes = all([
    !isOther,
    ...found.map(([, key = '', operator = '', values = '']) => meets(key, operator, values, packet)),
    rest === '' || undefined,
  ]);
  if (/^(?:drop|reject)/.test(verdict)) return takes === true ? 'dropped' : undefined;
  const isVerdict = verdict !== '' || /\b(?:vmap|queue)\b/.test(asked);
  return takes !== false && isVerdict ? 'passed' : undefined;
}
