/** Who made a route: the kernel's numbers with iproute2's names for them (lib/rt_names.c, rt_protos). */
export const protocols: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  10: 'mrt',
  11: 'zebra',
  12: 'bird',
  13: 'dnrouted',
  14: 'xorp',
  15: 'ntk',
  16: 'dhcp',
  17: 'mrouted',
  18: 'keepalived',
  42: 'babel',
  84: 'ovn',
  99: 'openr',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
};

/** lib/rt_names.c, rtnl_rtscope_tab. */
const scopes: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };

const numbersOf = (names: Readonly<Record<number, string>>) =>
  new Map(Object.entries(names).map(([number, name]) => [name, number]));

/** What may be said by name, before it. */
const named: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ...['proto', 'protocol'].map((word) => [word, numbersOf(protocols)] as const),
  ['scope', numbersOf(scopes)] as const,
  ...['tos', 'dsfield', 'realm', 'realms'].map((word) => [word, new Map<string, string>()] as const),
]);

/**
 * The words as an `ip -batch` may be told them that has taken others before. It remembers the last name that it has looked up, and
 * takes it for the last number that it was told instead (rtnl_rtprot_a2n, _rtscope_, _dsfield_ and _rtrealm_a2n() in lib/rt_names.c);
 * so it is told numbers alone. It takes the words of one netkit in its life (ip/iplink_netkit.c). Undefined: one of its own is needed.
 */
export function keptWords(words: readonly string[]): readonly string[] | undefined {
  const kept: string[] = [];
  for (const [at, word] of words.entries()) {
    const before = words[at - 1] ?? '';
    if (before === 'type' && word === 'netkit') return undefined;
    const numbers = named.get(before);
    const said = numbers === undefined || /^\d/.test(word) ? word : numbers.get(word);
    if (said === undefined) return undefined;
    kept.push(said);
  }
  return kept;
}
