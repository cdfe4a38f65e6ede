import { PacketEvent_Kind as Kind } from '../../../../proto/gen/orch/v1/agent.ts';

/** A place in the kernel where packets are seen go by. */
export interface Place {
  /** Name of its event. */
  readonly event: string;
  readonly kind: Kind;
  readonly where: FunctionEntry | FunctionReturn | Tracepoint;
  /** Bytes from skb->data to the header of IP or ARP. */
  readonly base: number;
  /** What all packets are there; undefined: skb->protocol says it. */
  readonly only?: 4 | 6 | 'arp';
  /** Only for devices whose own header has this length, which is what `base` relies on. */
  readonly deviceHeader?: number;
  /** The packet has no device yet: its namespace is that of the parameter `net`. */
  readonly netParam?: true;
}

interface FunctionEntry {
  readonly function: string;
  /** Name of the parameter that is the packet. */
  readonly packet: string;
}

interface FunctionReturn extends FunctionEntry {
  readonly returns: true;
}

interface Tracepoint {
  readonly tracepoint: readonly [system: string, name: string];
  /** Field of the event that is the packet. */
  readonly field: string;
}

const ethernetHeader = 14;
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

/** Functions of net/ipv4 and net/ipv6 that each packet passes; those that only call another are inlined on some kernels. */
const ways: Readonly<Record<4 | 6, readonly Place[]>> = {
  4: [
    inFunction('output', Kind.OUTPUT, '__ip_local_out', { only: 4, netParam: true }),
    // ip_rcv itself is not called for packets that come as a list.
    inFunction('input', Kind.RECEIVE, 'ip_rcv_core', { only: 4 }),
    inFunction('arp', Kind.NEIGHBOUR, 'arp_process', { only: 'arp' }),
    inFunction('forward', Kind.FORWARD, 'ip_forward', { only: 4 }),
    inFunction('deliver', Kind.DELIVER, 'ip_local_deliver', { only: 4 }),
  ],
  6: [
    inFunction('output', Kind.OUTPUT, '__ip6_local_out', { only: 6, netParam: true }),
    inFunction('input', Kind.RECEIVE, 'ip6_rcv_core', { only: 6 }),
    // Its data begins behind the header of IPv6.
    inFunction('nd', Kind.NEIGHBOUR, 'ndisc_rcv', { only: 6, base: -40 }),
    inFunction('forward', Kind.FORWARD, 'ip6_forward', { only: 6 }),
    inFunction('deliver', Kind.DELIVER, 'ip6_input', { only: 6 }),
  ],
};

function inFunction(event: string, kind: Kind, name: string, more: Partial<Place>): Place {
  return { event, kind, where: { function: name, packet: 'skb' }, base: 0, ...more };
}

export function placesOf(family: 4 | 6): readonly Place[] {
  return [...ways[family], ...devices];
}

/** Where the source of a packet is checked, ARP's too. IPv6 has no such check of its own. */
const sourceCheck = { function: 'fib_validate_source', packet: 'skb' } as const;

/** What it answers, with the packet. */
export const checked = {
  event: 'checked',
  kind: Kind.SOURCE_CHECK,
  where: { ...sourceCheck, returns: true },
  base: 0,
} as const satisfies Place;

/** Before it answers: for kernels where an answer is told without what was asked (before 6.9). */
export const checking: Place = { event: 'checking', kind: Kind.SOURCE_CHECK, where: sourceCheck, base: 0 };

/** The end of a packet; where its data begins by then depends on who ended it. */
export const drop = {
  event: 'drop',
  tracepoint: ['skb', 'kfree_skb'],
  field: 'skbaddr',
  /** Bytes before skb->data, and in all, that are kept of it. */
  before: 64,
  bytes: 160,
} as const;
