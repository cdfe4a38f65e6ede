import type { NftTrace } from '../../../proto/gen/orch/v1/agent.ts';
import { type NftMatches, translatedChains } from '../../linux/trace/nft-tracer.ts';
import { icmp, icmp6, tcp, type WatchedFlow } from './trace/flow.ts';
import { addressText } from './trace/header.ts';

/**
 * Text of nft that picks out the packets of a flow, there and back, and those of its connection whatever addresses they get.
 * `limit`: behind NAT all its clients are alike, and may send more than a monitor can tell of.
 */
export function nftMatches({ family, from, to, protocol, port }: WatchedFlow, limit = ''): NftMatches {
  const ip = family === 4 ? 'ip' : 'ip6';
  const [a, b] = [addressText(from), addressText(to)];
  const ports = (side: 'dport' | 'sport') => {
    if (protocol === icmp) return 'icmp type { echo-request, echo-reply }';
    if (protocol === icmp6) return 'icmpv6 type { echo-request, echo-reply }';
    return `${protocol === tcp ? 'tcp' : 'udp'} ${side} ${port}`;
  };
  const isIcmp = protocol === icmp || protocol === icmp6;
  const tracked = isIcmp ? ports('dport') : `meta l4proto ${protocol} ct original proto-dst ${port}`;
  return {
    there: `${ip} saddr ${a} ${ip} daddr ${b} ${ports('dport')}${limit}`,
    back: `${ip} saddr ${b} ${ip} daddr ${a} ${ports('sport')}${limit}`,
    tracked: `ct original ${ip} saddr ${a} ct original ${ip} daddr ${b} ${tracked}${limit}`,
  };
}

/**
 * `trace id a95ea7ef inet filter input rule tcp dport 80 drop (verdict drop)`, `... packet: iif "eth0" ...`,
 * `... verdict continue`, `... policy accept` (src/monitor.c and src/netlink.c of nftables).
 */
const line = /^trace id ([0-9a-f]+) (\w+) (\S+) (\S+) (packet: |rule |unknown rule |verdict |policy |return)(.*)$/;

/** By what packets of one flow are told apart: the identifier of an echo, or the ports; undefined: the line does not say it. */
function identifiers(packet: string): readonly number[] | undefined {
  const [, id] = /\bicmp(?:v6)? id (\d+)/.exec(packet) ?? [];
  if (id !== undefined) return [Number(id)];
  // Names for what an echo has as identifier and sequence, 16 bits each (RFC 4443, section 4.1).
  const [, both] = /\bicmpv6 parameter-problem (\d+)/.exec(packet) ?? [];
  if (both !== undefined) return [Number(both) >>> 16];
  const [, from, to] = /\b(?:tcp|udp) sport (\d+) (?:tcp|udp) dport (\d+)/.exec(packet) ?? [];
  return from === undefined ? undefined : [Number(from), Number(to)];
}

/** The packets of the same flow that are not the probe's; one that is may get another identifier by NAT on its way. */
function othersOf(lines: readonly string[], ident: number): ReadonlySet<string> {
  if (ident === 0) return new Set();
  const [own, others] = [new Set<string>(), new Set<string>()];
  for (const text of lines) {
    const [, packet, , , , step, rest = ''] = line.exec(text) ?? [];
    const found = step === 'packet: ' ? identifiers(rest) : undefined;
    if (packet !== undefined && found !== undefined) (found.includes(ident) ? own : others).add(packet);
  }
  return new Set([...others].filter((packet) => !own.has(packet)));
}

/**
 * What the monitor said of the probe in other tables than our own, and with which addresses it came out of them. `ident`: its echo's identifier or its port; 0: it has none to
 * tell it by. Lines of another form say nothing.
 */
export function nftTraces(netns: string, own: string, lines: readonly string[], ident: number): readonly NftTrace[] {
  const others = othersOf(lines, ident);
  return lines.flatMap((text) => {
    const [, packet, family = '', table = '', chain = '', step = '', rest = ''] = line.exec(text.trimEnd()) ?? [];
    const word = step.replace(/[: ]*$/, '');
    const isAside = table === own && !(word === 'packet' && translatedChains.includes(chain));
    if (packet === undefined || isAside || others.has(packet)) return [];
    const common = { netns, packet, family, table, chain };
    if (word === 'verdict' || word === 'policy') return [{ ...common, step: word, text: '', verdict: rest.trim() }];
    const [, rule = rest, verdict = ''] = /^(.*?) ?\(verdict ([^()]*)\)$/.exec(rest) ?? [];
    return [{ ...common, step: word === 'unknown rule' ? 'unknown' : word, text: rule.trim(), verdict }];
  });
}
