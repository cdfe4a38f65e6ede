/** A counter, and what the kernel works out as it starts from the memory that is free then. */
const unlike = ['nf_conntrack_count', 'tcp_mem', 'tcp_rmem', 'tcp_wmem', 'udp_mem'];

/** What a lab may change on a host, each as its tool prints it, without counters. */
export const stateQuestions: Readonly<Record<string, string>> = {
  links: 'ip -j -d link',
  addresses: 'ip -j -d address',
  routes: 'ip -j -d route show table all',
  routes6: 'ip -j -d -6 route show table all',
  rules: 'ip -j -d rule',
  rules6: 'ip -j -d -6 rule',
  neighbours: 'ip -j neighbour show nud permanent; ip -j neighbour show proxy',
  nexthops: 'ip -j -d nexthop',
  namespaces: 'ls -A /run/netns 2>/dev/null',
  files: 'ls -AR /etc/netns 2>/dev/null',
  qdiscs: 'tc -j qdisc; tc -j class show dev ens34; tc -j filter show dev ens34',
  nft: 'nft -s list ruleset',
  bridges: 'bridge -j vlan; bridge -j fdb show br 2>/dev/null',
  sysctls: `find /proc/sys/net -type f -perm -u=r ${unlike.map((name) => `! -name ${name}`).join(' ')} -exec grep -H '' {} + 2>/dev/null | sort`,
};

/** A link's own IPv6 address is checked for a second or two before its routes are there. */
export const addressesSettled = 'timeout 10 sh -c "while ip -6 address | grep -q tentative; do sleep 0.2; done"';
