import type { Place } from './evidence.ts';
import { covers, isV6 } from './facts.ts';
import { chainsIn, dropping, unquoted } from './nft-drops.ts';

type Rule = Place['nftRules'][number];

/** The packets that a tunnel makes of others, as rules may match them. */
export interface OuterPackets {
  /** The kind of the tunnel's device. */
  readonly kind: string;
  /** Of UDP; 0: they have a protocol of their own. */
  readonly port: number;
  /** Where they come from and go to, a group among it; empty: not known. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** They go over a bridge of the namespace, for all that is known. */
  readonly bridged: boolean;
}

/** How nftables may call the protocol of what tunnels without a port send: by its name of /etc/protocols, or its number. */
const protocolsOf: Readonly<Record<string, readonly string[]>> = {
  ...{ gre: ['gre', '47'], gretap: ['gre', '47'], ip6gre: ['gre', '47'], ip6gretap: ['gre', '47'] },
  ...{ ipip: ['ipip', 'ipencap', 'ipv4', '4'], sit: ['ipv6', '41'] },
  ip6tnl: ['ipip', 'ipencap', 'ipv4', '4', 'ipv6', '41'],
};

/** What a rule matches outer packets by, and the values that it takes: one, or those of a set or map. */
const criteria =
  /(?<!\b(?:vxlan|geneve|gretap|gre) )\b(ip6? [sd]addr|\w+ [sd]port|l4proto|ip protocol|nexthdr) (!= )?(?:vmap )?(\{[^}]*\}|\S+)/g;

/** Whether a criterion takes one of a packet's values; undefined: nobody knows, as of a named set. */
function takes(values: string, holds: (value: string) => boolean | undefined): boolean | undefined {
  const held = values
    .replace(/^\{|\}$/g, '')
    .split(',')
    .map((entry) => entry.trim().split(' : '))
    // Of a map those that are dropped count; several values of one entry are apart by dots.
    .filter(([, verdict]) => verdict === undefined || /^(drop|reject)/.test(verdict))
    .flatMap(([value = '']) => value.split(' . '))
    .map((value) => (/^[@.]/.test(value) ? undefined : holds(value)));
  return held.includes(true) ? true : held.includes(undefined) ? undefined : false;
}

/** One value, or a range of numbers around it. */
function isAmong(names: readonly string[]) {
  return (value: string): boolean => {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(value) ?? [];
    return first === undefined
      ? names.includes(value)
      : names.some((name) => Number(name) >= Number(first) && Number(name) <= Number(last));
  };
}

/** A network, or one address. */
function covering(addresses: readonly string[]) {
  return (value: string): boolean | undefined =>
    addresses.length === 0 || value.includes('-') ? undefined : addresses.some((address) => covers(value, address));
}

/** What a criterion asks of the packets; undefined: what none of them has. */
function askedOf(key: string, { kind, port, from, to }: OuterPackets) {
  if (key.endsWith('addr')) return covering(key.endsWith('saddr') ? from : to);
  if (key.endsWith('port')) return port === 0 || !/^(udp|th) /.test(key) ? undefined : isAmong([String(port)]);
  return isAmong(port === 0 ? (protocolsOf[kind] ?? []) : ['udp', '17']);
}

/** True for a rule that names the packets' protocol or port, and nothing that they do not have. */
function names(text: string, packets: OuterPackets): boolean {
  const found = [...unquoted(text).matchAll(criteria)].map(([, key = '', not, values = '']) => {
    const asked = askedOf(key, packets);
    const taken = asked === undefined ? false : takes(values, asked);
    const isMet = asked === undefined || taken === undefined || not === undefined ? taken : !taken;
    return { isMet, isNamed: isMet === true && !key.endsWith('addr') };
  });
  return found.every(({ isMet }) => isMet !== false) && found.some(({ isNamed }) => isNamed);
}

/** True for a table whose hooks the packets come to. */
function isOf({ family }: Rule, { from, to, bridged }: OuterPackets): boolean {
  if (family === 'bridge') return bridged;
  const [address] = [...to, ...from];
  if (address === undefined || !/^(ip|ip6|arp)$/.test(family)) return true;
  return family === (isV6(address) ? 'ip6' : 'ip');
}

/** The hooks from which a rule is come to, through the chains that lead to its own; where none is known to, all of its table. */
function hooksOf(place: Place, rule: Rule): readonly string[] {
  const isNear = ({ family, table }: Pick<Rule, 'family' | 'table'>) => family === rule.family && table === rule.table;
  const rules = place.nftRules.filter(isNear);
  const maps = place.nftMaps.filter(isNear).map(({ name, chains }) => [`@${name}`, chains] as const);
  const leads = ({ text }: Rule, to: string) =>
    chainsIn(text).includes(to) ||
    maps.some(([name, chains]) => chains.includes(to) && unquoted(text).split(' ').includes(name));
  const chains = new Set([rule.chain]);
  // The set grows while it is gone through.
  for (const name of chains) for (const other of rules) if (leads(other, name)) chains.add(other.chain);
  const bases = place.nftChains.filter((one) => isNear(one) && one.hook !== undefined);
  const found = bases.filter(({ name }) => chains.has(name));
  return (found.length > 0 ? found : bases).flatMap(({ hook }) => hook ?? []);
}

/** Hooks that meet what a namespace sends itself, what it passes on, and what is for it. */
const hooks = {
  sent: ['output', 'postrouting', 'egress'],
  passed: ['ingress', 'prerouting', 'forward', 'postrouting', 'egress'],
  received: ['ingress', 'prerouting', 'input'],
} as const;

export type Side = keyof typeof hooks;

/** Rules that may drop the outer packets of a tunnel where a namespace sends them, passes them on, or gets them. */
export function outerFilters(place: Place, packets: OuterPackets, side: Side): Rule[] {
  return dropping(place).filter((rule) => {
    if (!isOf(rule, packets) || !names(rule.text, packets)) return false;
    const met = hooksOf(place, rule);
    return met.length === 0 || met.some((hook) => hooks[side].some((one) => one === hook));
  });
}
