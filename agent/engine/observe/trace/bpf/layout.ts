import type { Btf } from '../btf.ts';
import { known } from '../known.ts';

/** Where the kernel keeps what is asked of a packet, in bytes from the start of each struct. */
export interface Layout {
  readonly packet: Readonly<
    Record<'dev' | 'len' | 'data_len' | 'head' | 'data' | 'end' | 'network_header' | 'protocol', number>
  >;
  readonly device: Readonly<Record<'name' | 'net' | 'headerLength', number>>;
  readonly netInode: number;
  /**
   * Bytes of a packet that lie in pages of their own: where skb_shared_info counts and has these, and what makes a page's address of
   * that of its struct. Undefined: the kernel does not say.
   */
  readonly pages: { readonly count: number; readonly list: number; readonly base: bigint } | undefined;
  /**
   * The function by which a program reads a struct where it is (bpf_rdonly_cast, since 6.2), and the structs of IP's headers, by
   * their numbers; undefined: the kernel has none, and headers are copied.
   */
  readonly cast: { readonly function: number; readonly to: Readonly<Record<4 | 6, number>> } | undefined;
}

/** Throws OrchError 'unsupported-by-host' where the kernel does not say. */
export function layoutOf(btf: Btf, pageBase: bigint | undefined): Layout {
  const packet = (member: string) => known(btf.offset('sk_buff', member));
  const device = (member: string) => known(btf.offset('net_device', member));
  return {
    packet: {
      ...{ dev: packet('dev'), len: packet('len'), data_len: packet('data_len'), head: packet('head') },
      ...{ data: packet('data'), end: packet('end'), network_header: packet('network_header') },
      protocol: packet('protocol'),
    },
    device: { name: device('name'), net: device('nd_net.net'), headerLength: device('hard_header_len') },
    netInode: known(btf.offset('net', 'ns.inum')),
    pages: pagesOf(btf, pageBase),
    cast: castOf(btf),
  };
}

function castOf(btf: Btf): Layout['cast'] {
  const [id, ip4, ip6] = [btf.function('bpf_rdonly_cast')?.id, btf.struct('iphdr'), btf.struct('ipv6hdr')];
  return id === undefined || ip4 === undefined || ip6 === undefined
    ? undefined
    : { function: id, to: { 4: ip4, 6: ip6 } };
}

function pagesOf(btf: Btf, base: bigint | undefined): Layout['pages'] {
  const [count, list] = ['nr_frags', 'frags'].map((member) => btf.offset('skb_shared_info', member));
  return base === undefined || count === undefined || list === undefined ? undefined : { count, list, base };
}
