import type { Btf } from '../btf.ts';

/** Where the kernel keeps what is asked of a packet, in bytes from the start of each struct. */
export interface Layout {
  readonly packet: Readonly<Record<'dev' | 'head' | 'data' | 'network_header' | 'protocol', number>>;
  readonly device: Readonly<Record<'name' | 'net' | 'headerLength', number>>;
  readonly netInode: number;
}

/** Undefined: the kernel does not say. */
export function layoutOf(btf: Btf): Layout | undefined {
  const packet = (name: string) => btf.offset('sk_buff', name);
  const [dev, head, data, network, protocol] = ['dev', 'head', 'data', 'network_header', 'protocol'].map(packet);
  const [name, net, headerLength] = ['name', 'nd_net.net', 'hard_header_len'].map((one) =>
    btf.offset('net_device', one),
  );
  const netInode = btf.offset('net', 'ns.inum');
  if (dev === undefined || head === undefined || data === undefined) return undefined;
  if (network === undefined || protocol === undefined || netInode === undefined) return undefined;
  if (name === undefined || net === undefined || headerLength === undefined) return undefined;
  return {
    packet: { dev, head, data, network_header: network, protocol },
    device: { name, net, headerLength },
    netInode,
  };
}
