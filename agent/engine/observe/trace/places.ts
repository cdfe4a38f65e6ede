import { PacketEvent_Kind as Kind } from '../../../../proto/gen/orch/v1/agent.ts';
import { icmp, icmp6, tcp, udp, type WatchedFlow } from './flow.ts';

/** A place in the kernel where packets are seen go by. */
export interface Place {
  /** Name of its event. */
  readonly event: string;
  readonly kind: Kind;
  readonly where: KernelFunction | Tracepoint;
  /** Bytes from skb->data to the header of IP or ARP. */
  readonly base: number;
  /** What all packets are there; undefined: skb->protocol says it. */
  readonly only?: 4 | 6 | 'arp';
  /** Only for devices whose own header has this length, which is what `base` relies on. */
  readonly deviceHeader?: number;
}

interface KernelFunction {
  readonly function: string;
  /** Name of the parameter that is the packet. */
  readonly packet: string;
}

interface Tracepoint {
  readonly tracepoint: readonly [system: string, name: string];
  /** Field of the event that is the packet. */
  readonly field: string;
}

const ethernetHeader = 14;
/** Bytes of a header of IP without options or extensions. */
const headers = { 4: 20, 6: 40 } as const;
const transmit = {
  kind: Kind.TRANSMIT,
  where: { tracepoint: ['net', 'net_dev_start_xmit'], field: 'skbaddr' },
} as const;

/** Where packets of either family, and ARP, leave and enter by devices: tracepoints, which cost less than functions. */
const devices: readonly Place[] = [
  { event: 'transmit', ...transmit, base: ethernetHeader, deviceHeader: ethernetHeader },
  // Tunnels and the like have no header of their own.
  { event: 'transmit_bare', ...transmit, base: 0, deviceHeader: 0 },
  {
    event: 'receive',
    kind: Kind.RECEIVE,
    where: { tracepoint: ['net', 'netif_receive_skb'], field: 'skbaddr' },
    base: 0,
  },
];

/**
 * Functions of net/ipv4 and net/ipv6; those that only call another are inlined on some kernels. Each of them costs all packets
 * that pass it, so these are few, and of what comes and goes here, the flow's protocol has its own.
 */
const ways: Readonly<Record<4 | 6, readonly Place[]>> = {
  4: [
    inFunction('arp', Kind.NEIGHBOUR, 'arp_process', { only: 'arp' }),
    // Of packets and of ARP; called for nothing else (net/ipv4/route.c). IPv6 does not check sources so.
    inFunction('refused', Kind.SOURCE_CHECK, 'ip_handle_martian_source'),
    inFunction('forward', Kind.FORWARD, 'ip_forward', { only: 4 }),
  ],
  6: [
    // Its data begins behind the header of IPv6.
    inFunction('nd', Kind.NEIGHBOUR, 'ndisc_rcv', { only: 6, base: -headers[6] }),
    inFunction('forward', Kind.FORWARD, 'ip6_forward', { only: 6 }),
  ],
};

/** What takes packets of a protocol, behind the header of IP and all filters. */
const receivers: Readonly<Record<4 | 6, Readonly<Record<number, string>>>> = {
  4: { [icmp]: 'icmp_rcv', [tcp]: 'tcp_v4_rcv', [udp]: 'udp_rcv' },
  6: { [icmp6]: 'icmpv6_rcv', [tcp]: 'tcp_v6_rcv', [udp]: 'udpv6_rcv' },
};

function inFunction(event: string, kind: Kind, name: string, more: Partial<Place> = {}): Place {
  return { event, kind, where: { function: name, packet: 'skb' }, base: 0, ...more };
}

/** All places but that of drops, for a flow's family and protocol. */
export function placesOf({ family, protocol }: WatchedFlow): readonly Place[] {
  const ofErrors = family === 4 ? icmp : icmp6;
  const deliver = (event: string, taken: number) =>
    inFunction(event, Kind.DELIVER, receivers[family][taken] ?? '', { only: family, base: -headers[family] });
  return [
    ...ways[family],
    deliver('deliver', protocol),
    ...(protocol === ofErrors ? [] : [deliver('deliver_error', ofErrors)]),
    ...devices,
  ];
}

/** The end of a packet; where its data begins by then depends on who ended it. */
export const drop = {
  event: 'drop',
  tracepoint: ['skb', 'kfree_skb'],
  field: 'skbaddr',
  /** Bytes before skb->data, and in all, that are kept of it. */
  before: 64,
  bytes: 160,
} as const;
