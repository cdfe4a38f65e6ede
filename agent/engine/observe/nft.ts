import type { NftTrace } from '../../../proto/gen/orch/v1/agent.ts';
import { icmp, icmp6, tcp, type WatchedFlow } from './trace/flow.ts';
import { addressText } from './trace/header.ts';

/** Text of nft that picks out the packets of a flow, there and back. */
export function nftMatches({ family, from, to, protocol, port }: WatchedFlow): readonly string[] {
  const ip = family === 4 ? 'ip' : 'ip6';
  const [a, b] = [addressText(from), addressText(to)];
  const ports = (side: 'dport' | 'sport') => {
    if (protocol === icmp) return 'icmp type { echo-request, echo-reply }';
    if (protocol === icmp6) return 'icmpv6 type { echo-request, echo-reply }';
    return `${protocol === tcp ? 'tcp' : 'udp'} ${side} ${port}`;
  };
  return [`${ip} saddr ${a} ${ip} daddr ${b} ${ports('dport')}`, `${ip} saddr ${b} ${ip} daddr ${a} ${ports('sport')}`];
}

/**
 * `trace id a95ea7ef inet filter input rule tcp dport 80 drop (verdict drop)`, `... packet: iif "eth0" ...`,
 * `... verdict continue`, `... policy accept` (src/monitor.c and src/netlink.c of nftables).
 */
const line = /^trace id ([0-9a-f]+) (\w+) (\S+) (\S+) (packet: |rule |unknown rule |verdict |policy |return)(.*)$/;

/** What the monitor said of other tables than our own. Lines of another form say nothing. */
export function nftTraces(netns: string, own: string, lines: readonly string[]): readonly NftTrace[] {
  return lines.flatMap((text) => {
    const [, packet, family = '', table = '', chain = '', step = '', rest = ''] = line.exec(text.trimEnd()) ?? [];
    if (packet === undefined || table === own) return [];
    const common = { netns, packet, family, table, chain };
    const word = step.replace(/[: ]*$/, '');
    if (word === 'verdict' || word === 'policy') return [{ ...common, step: word, text: '', verdict: rest.trim() }];
    const [, rule = rest, verdict = ''] = /^(.*?) ?\(verdict ([^()]*)\)$/.exec(rest) ?? [];
    return [{ ...common, step: word === 'unknown rule' ? 'unknown' : word, text: rule.trim(), verdict }];
  });
}
