import type { Place } from '../seen/evidence.ts';
import { covers, isV6 } from '../seen/facts.ts';

/** What rules may ask of any packets. */
export interface RulePackets {
  /** Where they come from and go to, a group among it; empty: not known. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** The links that they come by and leave by; undefined: not known. */
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
}

/** The packets that a tunnel makes of others, as rules may match them. */
export interface OuterPackets extends RulePackets {
  /** The kind of the tunnel's device. */
  readonly kind: string;
  /** Of UDP; 0: they have a protocol of their own. */
  readonly port: number;
  /** They go over a bridge of the namespace; undefined: not known. */
  readonly bridged: boolean | undefined;
}

/** What a rule is to packets. */
export interface RuleReading {
  /** Undefined: nobody knows whether it takes them. */
  readonly takes: boolean | undefined;
  /** It names their protocol or port. */
  readonly names: boolean;
  /** What it may do with them: accept, drop, reject, return, or a chain to jump or goto. */
  readonly verdicts: readonly string[];
}

/** How nftables may call the protocol of what tunnels without a port send: by its name of /etc/protocols, or its number. */
const protocolsOf: Readonly<Record<string, readonly string[]>> = {
  ...{ gre: ['gre', '47'], gretap: ['gre', '47'], ip6gre: ['gre', '47'], ip6gretap: ['gre', '47'] },
  ...{ ipip: ['ipencap', 'ipv4', '4'], vti: ['esp', '50'], vti6: ['esp', '50'], sit: ['ipv6', '41'] },
  ip6tnl: ['ipencap', 'ipv4', '4', 'ipv6', '41'],
};

/** Their ports of UDP are of the flow inside, so that no connection has both ends of a tunnel. */
const scattered = new Set(['vxlan', 'geneve']);

/** What is known of packets where a rule asks for it. */
const field =
  '(?:ip6? [sd]addr|(?:udp|udplite|tcp|th|sctp|dccp) [sd]port|(?:meta )?(?:l4proto|nfproto)|ip protocol|ip6 nexthdr|ct state|[io]if(?:name)?)';

/** What words stand behind that say something else than a rule's own criteria: of lookups, of connections, of elements of sets. */
export const elsewhere = String.raw`\bfib (?:\w+ \. ){0,4}(?:\w+ )?|\bct (?:original|reply) |\b(?:add|update|delete) @\S+ \{ ?(?:\w+ |\. ){0,4}`;

/** What a rule asks for, one thing or several at once, and the values that it takes: one, or those of a set or map. */
const criteria = new RegExp(
  String.raw`(?<![\w.@-]|${elsewhere})((?:vxlan|geneve|gretap|gre) )?(${field}(?: \. ${field})*) (?:(!=|[<>]=?) )?(vmap )?(\{[^{}]*\}|"[^"]*"|\S+)`,
  'g',
);

/** A queue may be worked out of anything of the packet. */
const verdictAtEnd =
  /(?:^| )(accept|drop|return|(?:jump|goto) \S+|reject(?: [\w,-]+){0,8}|queue(?: (?:flags|to|num) [\s\S]*)?)$/;

/** What takes no part in whether a rule matches. */
const aside = [
  / ?\b(?:comment|prefix) "[^"]*"/g,
  / ?\bcounter(?: packets \d+ bytes \d+)?/g,
  / ?\blog\b(?: (?:level|group|flags(?: tcp| ip)?|snaplen|queue-threshold) \S+)*/g,
  / ?\b(?:meta|ct) \w+ set \S+/g,
];

/** A header that only packets of another protocol have. */
const otherHeader = /(?<!\b(?:vxlan|geneve|gretap|gre) )\b(?:tcp|icmp|icmpv6|igmp|sctp|dccp|udplite|arp) [a-z]/;

/** The one of all, of none, or undefined where some are not known. */
export function all(held: readonly (boolean | undefined)[]): boolean | undefined {
  return held.includes(false) ? false : held.includes(undefined) ? undefined : true;
}

function isAmong(names: readonly string[], value: string, operator: string): boolean | undefined {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(value) ?? [];
  if (first !== undefined) return names.some((name) => Number(name) >= Number(first) && Number(name) <= Number(last));
  if (!/^[\w-]+$/.test(value)) return undefined;
  const than = (compare: (name: number, limit: number) => boolean) =>
    names.some((name) => compare(Number(name), Number(value)));
  if (operator.startsWith('<')) return than((name, limit) => name < limit || (operator === '<=' && name === limit));
  if (operator.startsWith('>')) return than((name, limit) => name > limit || (operator === '>=' && name === limit));
  return names.includes(value);
}

/** Whether a rule's name of a device, or the beginning of one, is that of a device. */
export function isLink(value: string, name: string | undefined): boolean | undefined {
  if (name === undefined) return undefined;
  const wanted = value.replaceAll('"', '');
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

/** Whether all, some (undefined) or none of some addresses are in a network that a rule asks for. */
export function isIn(network: string, addresses: readonly string[]): boolean | undefined {
  if (addresses.length === 0 || !/^[\da-f.:]+(\/\d+)?$/i.test(network)) return undefined;
  const held = addresses.map((address) => covers(network, address));
  return held.includes(true) ? all(held.map((one) => one || undefined)) : false;
}

/** Whether packets have one value of a field; `lacks`: none of them has such a field. */
function has(key: string, value: string, operator: string, packets: OuterPackets): boolean | undefined {
  const { kind, port, from, to, iif, oif } = packets;
  if (value.startsWith('@') || value === '.') return undefined;
  if (key.endsWith('addr')) return isIn(value, key.endsWith('saddr') ? from : to);
  if (key.startsWith('iif')) return isLink(value, iif);
  if (key.startsWith('oif')) return isLink(value, oif);
  if (key === 'ct state')
    return scattered.has(kind) && value !== 'untracked' && /^[a-z]+$/.test(value) ? value === 'new' : undefined;
  const [address] = [...to, ...from];
  if (key.endsWith('nfproto')) return address === undefined ? undefined : (value === 'ipv6') === isV6(address);
  if (key.endsWith('sport')) return undefined;
  if (key.endsWith('dport')) return isAmong([String(port)], value, operator);
  return isAmong(port === 0 ? (protocolsOf[kind] ?? []) : ['udp', '17'], value, operator);
}

/** None of the packets has such a field. */
function lacks(key: string, { port, from, to }: OuterPackets): boolean {
  if (key.endsWith('port')) return port === 0 || !/^(udp|th) /.test(key);
  const [address] = [...to, ...from];
  return /^ip6? /.test(key) && address !== undefined && key.startsWith('ip6') !== isV6(address);
}

/** The values of a set or map, each with the verdict that it leads to, if any. */
function entriesOf(values: string): readonly (readonly [value: string, verdict: string])[] {
  const entries = values.replace(/^\{|\}$/g, '').split(',');
  return entries.map((entry) => {
    const [value = '', verdict = ''] = entry.trim().split(' : ');
    return [value, verdict];
  });
}

/** All that a map may lead to, of packets of which nothing is known that it asks for. */
function mapVerdicts(values: string, maps: Place['nftMaps']): readonly string[] {
  if (!values.startsWith('@')) return entriesOf(values).flatMap(([, verdict]) => verdict || []);
  const chains = maps.find(({ name }) => `@${name}` === values)?.chains ?? [];
  return ['accept', ...chains.map((chain) => `jump ${chain}`)];
}

/** One thing that a rule asks for. Of a map, those of its entries count that packets may have. */
function readCriterion(packets: OuterPackets, found: readonly string[], maps: Place['nftMaps']): RuleReading {
  const [, inner, fields = '', operator = '', vmap, values = ''] = found;
  const keys = fields.split(' . ');
  if (inner !== undefined) return { takes: undefined, names: false, verdicts: [] };
  if (keys.some((key) => lacks(key, packets))) return { takes: false, names: false, verdicts: [] };
  if (vmap !== undefined && values.startsWith('@'))
    return { takes: undefined, names: false, verdicts: mapVerdicts(values, maps) };
  const entries = entriesOf(values).map(([value, verdict]) => {
    // Fields before these, of which nothing is known, have their values before theirs.
    const parts = value.split(' . ').slice(-keys.length);
    return { value, held: all(parts.map((part, at) => has(keys[at] ?? '', part, operator, packets))), verdict };
  });
  // What no other entry takes is that of `*`.
  const isTaken = entries.some((entry) => entry.held === true);
  const held = entries.filter((entry) => entry.held !== false && !(isTaken && entry.value === '*'));
  const isAny = held.some((entry) => entry.held === true) ? true : held.length > 0 ? undefined : false;
  const takes = operator === '!=' && isAny !== undefined ? !isAny : isAny;
  // UDP is that of others, too.
  const naming = packets.port === 0 ? /(l4proto|ip protocol|nexthdr)$/ : /dport$/;
  const names = takes === true && keys.some((key) => naming.test(key));
  return { takes, names, verdicts: held.flatMap(({ verdict }) => verdict || []) };
}

/** What a rule's text asks for, without what takes no part in that, and its verdict (see RuleReading), where it ends with one. */
export function partsOfRule(text: string): { readonly asked: string; readonly verdict: string | undefined } {
  const plain = aside.reduce((rest, part) => rest.replace(part, ''), text).trim();
  const end = verdictAtEnd.exec(plain);
  if (end === null) return { asked: plain, verdict: undefined };
  const [, verdict = ''] = end;
  return { asked: plain.slice(0, end.index), verdict: /^(?:reject|queue)/.exec(verdict)?.[0] ?? verdict };
}

/** What a rule is to packets, by its text. */
export function readRule(text: string, packets: OuterPackets, maps: Place['nftMaps']): RuleReading {
  const { asked, verdict } = partsOfRule(text);
  const found = [...asked.matchAll(criteria)].map((one) => readCriterion(packets, one, maps));
  const rest = asked.replace(criteria, '').trim();
  const isOther = otherHeader.test(rest) || (packets.port === 0 && /\budp [a-z]/.test(rest));
  const [, open] = /\bvmap (\{[^{}]*\}|@\S+)/.exec(rest) ?? [];
  const mapped = [...found.flatMap(({ verdicts }) => verdicts), ...(open === undefined ? [] : mapVerdicts(open, maps))];
  return {
    takes: isOther ? false : all([...found.map(({ takes }) => takes), rest === '' || undefined]),
    names: found.some(({ names }) => names),
    verdicts: verdict === undefined ? mapped : [verdict],
  };
}

/** A rule that accepts such packets, by what is known of them; undefined: their protocol may be one of several. */
export function acceptingRule({ kind, port, from, to }: OuterPackets): string | undefined {
  const address = (side: string, [one, ...more]: readonly string[]) =>
    one === undefined || more.length > 0 ? [] : [`${isV6(one) ? 'ip6' : 'ip'} ${side} ${one}`];
  const [protocol] = kind === 'ip6tnl' ? [] : (protocolsOf[kind] ?? []);
  if (port === 0 && protocol === undefined) return undefined;
  const what = port === 0 ? `meta l4proto ${protocol}` : `udp dport ${port}`;
  return [...address('saddr', from), ...address('daddr', to), what, 'accept'].join(' ');
}
