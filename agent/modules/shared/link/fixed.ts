/** One for each namespace (net/ipv4/ip_tunnel.c, net/ipv6/*_tunnel.c: fb_tunnel_dev), which no one can remove. */
export const fixedLinks: ReadonlySet<string> = new Set(
  'tunl0 gre0 gretap0 erspan0 sit0 ip_vti0 ip6tnl0 ip6gre0 ip6_vti0'.split(' '),
);
