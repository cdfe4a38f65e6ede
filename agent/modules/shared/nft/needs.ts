import type { TaskNeed } from '../../module.ts';

/** Quoted text and comments hold no words of the language. */
const dumb = /"[^"]*"|#[^\n]*/g;

/** Names of sets and variables begin with @ and $. */
const words = /[\w$@./-]+/g;

/** A redirect is a type of ICMP, too: icmp type redirect, icmp type { echo-request, redirect }. */
const icmpRedirect = /(?<=\btype\s+|[{,]\s*)redirect\b/g;

/**
 * Options of the kernel (net/netfilter/Kconfig), and the words of nft(8) that need them, all of them reserved (src/scanner.l
 * of nftables).
 */
const ofAll: Readonly<Record<string, readonly string[]>> = {
  ...{ NFT_CT: ['ct'], NFT_LOG: ['log'], NFT_LIMIT: ['limit'], NFT_QUOTA: ['quota'], NFT_QUEUE: ['queue'] },
  ...{ NFT_REJECT: ['reject'], NFT_MASQ: ['masquerade'], NFT_REDIR: ['redirect'], NFT_NAT: ['snat', 'dnat'] },
  ...{ NFT_TPROXY: ['tproxy'], NFT_SOCKET: ['socket'], NFT_SYNPROXY: ['synproxy'], NFT_OSF: ['osf'] },
  ...{ NFT_NUMGEN: ['numgen'], NFT_HASH: ['jhash', 'symhash'], NFT_FIB: ['fib'], NFT_XFRM: ['ipsec'] },
  ...{ NF_FLOW_TABLE: ['flowtable'], NFT_BRIDGE_META: ['ibrname', 'obrname', 'ibrpvid', 'ibrvproto'] },
};

/** What tables of a family need, and what is a part of its own for them. */
const ofFamily: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ip: { NF_TABLES_IPV4: [], NFT_DUP_IPV4: ['dup'] },
  ip6: { NF_TABLES_IPV6: [], NFT_DUP_IPV6: ['dup'] },
  inet: { NF_TABLES_INET: [] },
  arp: { NF_TABLES_ARP: [] },
  bridge: { NF_TABLES_BRIDGE: [], NFT_BRIDGE_REJECT: ['reject'] },
  netdev: { NF_TABLES_NETDEV: [], NFT_DUP_NETDEV: ['dup'], NFT_FWD_NETDEV: ['fwd'] },
};

/** What a host must have for rules of a family, besides nft itself. `option`: the parameter that says them. */
export function nftNeeds(family: string, rules: string, option: string): TaskNeed[] {
  const said = new Set(rules.replace(dumb, ' ').replace(icmpRedirect, ' ').match(words));
  return Object.entries({ ...ofFamily[family], ...ofAll }).flatMap(([which, needing]): TaskNeed[] => {
    if (needing.length === 0) return [{ what: 'config', which, option: 'family' }];
    return needing.some((word) => said.has(word)) ? [{ what: 'config', which, option }] : [];
  });
}
