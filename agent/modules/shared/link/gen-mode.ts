import type { Host } from '../../../linux/host.ts';
import { type Row, text } from '../rows.ts';

/** Values of net.ipv6.conf.LINK.addr_gen_mode (include/uapi/linux/if_link.h), in the words of ip. */
export const genModes = ['eui64', 'none', 'stable_secret', 'random'] as const;

/**
 * The row with `inet6_addr_gen_mode`. Only `ip link` shows it, and the host answers by `ip address`, which tells all
 * else: so it is read where it matters.
 */
export async function withGenMode(host: Pick<Host, 'sysctl'>, row: Row, netns: string | undefined): Promise<Row> {
  if ('inet6_addr_gen_mode' in row) return row;
  const value = await host.sysctl(`net/ipv6/conf/${text(row, 'ifname')}/addr_gen_mode`, netns);
  const mode = value === undefined ? undefined : genModes[Number(value)];
  return mode === undefined ? row : { ...row, inet6_addr_gen_mode: mode };
}
