import * as z from 'zod';

// What evidence.ts has of links: as there, each default says "nothing special".

/** What a bridge's port does with frames: `ip -d link`, info_slave_data. */
const bridgePort = z.strictObject({
  /** Of the spanning tree: forwarding, blocking, disabled... */
  state: z.string().default('forwarding'),
  isolated: z.boolean().default(false),
  /** Frames may leave by it that came in by it. */
  hairpin: z.boolean().default(false),
  learning: z.boolean().default(true),
  /** Gets frames to unknown addresses, and to all. */
  flood: z.boolean().default(true),
  bcastFlood: z.boolean().default(true),
  mcastFlood: z.boolean().default(true),
});

const bridge = z.strictObject({
  /** Its ports' VLANs count. */
  vlanFiltering: z.boolean().default(false),
  /** Speaks the spanning tree protocol. */
  stp: z.boolean().default(false),
  /** nf_call_iptables or nf_call_ip6tables: its frames go through the rules of IP. */
  callsIptables: z.boolean().default(false),
  callsIp6tables: z.boolean().default(false),
});

const portVlan = z.strictObject({
  id: z.int(),
  pvid: z.boolean().default(false),
  untagged: z.boolean().default(false),
});

/** How a tunnel wraps packets. What it does not have is empty or 0. */
const tunnel = z.strictObject({
  local: z.string().default(''),
  /** The other end, or a group of them. */
  remote: z.string().default(''),
  /** Of vxlan and geneve: UDP port. */
  port: z.int().default(0),
  /** Of gre and vti. */
  inKey: z.string().default(''),
  outKey: z.string().default(''),
  /** Its packets may not be cut into fragments. */
  df: z.boolean().default(false),
  /** Of vxlan. */
  learning: z.boolean().default(true),
});

const wireguardPeer = z.strictObject({
  key: z.string(),
  /** ADDRESS:PORT; empty: not known. */
  endpoint: z.string().default(''),
  allowedIps: z.array(z.string()).default([]),
  /** Seconds since 1970; 0: never. */
  handshake: z.int().default(0),
});

/** Public keys only: nobody is told the others. */
const wireguard = z.strictObject({
  key: z.string(),
  port: z.int().default(0),
  /** That of its own packets; 0: none. */
  mark: z.int().default(0),
  peers: z.array(wireguardPeer).default([]),
});

export const link = z.strictObject({
  name: z.string(),
  index: z.int().default(0),
  /** veth, ipvlan, bridge...; empty: a device of the machine's own. */
  kind: z.string().default(''),
  mac: z.string().default(''),
  mtu: z.int().default(1500),
  /** Somebody set it up. */
  up: z.boolean().default(true),
  /** The other end is there. */
  carrier: z.boolean().default(true),
  /** A program sees what comes in before the kernel does. */
  xdp: z.literal(true).optional(),
  /** One of Ethernet that neither asks for MACs nor answers. */
  noArp: z.literal(true).optional(),
  /** Index of the device below or at the other end, and its name where it is in the same namespace. */
  lowerIndex: z.int().optional(),
  lower: z.string().optional(),
  /** Namespace of that device, where it is another one of the host; empty: the host's own, `/`: one that nobody looked at. */
  lowerNetns: z.string().optional(),
  master: z.string().optional(),
  /** Of ipvlan and macvlan: l2, l3, l3s, bridge, private, vepa, passthru. */
  mode: z.string().default(''),
  /** Of ipvlan: private or vepa. */
  flag: z.string().default(''),
  /** Of vlan, vxlan, geneve: number of the network. */
  id: z.int().optional(),
  /** As a port of a bridge. */
  bridgePort: bridgePort.optional(),
  bridge: bridge.optional(),
  /** Of a bridge and its ports. */
  vlans: z.array(portVlan).optional(),
  tunnel: tunnel.optional(),
  wireguard: wireguard.optional(),
  /** As a port of a bond: ACTIVE or BACKUP, and what link monitoring says: UP, DOWN... */
  bondPort: z.strictObject({ state: z.string(), monitored: z.string().default('') }).optional(),
  /** Of a VRF, and of its devices: number of the table. */
  vrfTable: z.int().optional(),
});

/** Where a bridge or a vxlan device sends frames for a MAC. */
export const fdbEntry = z.strictObject({
  dev: z.string(),
  mac: z.string(),
  /** The bridge whose entry it is; absent: of the device itself. */
  master: z.string().optional(),
  vlan: z.int().optional(),
  /** Of vxlan: address of the host to send to. */
  dst: z.string().optional(),
  /** permanent, static, or empty: learned. */
  state: z.string().default(''),
});

export const qdisc = z.strictObject({
  dev: z.string(),
  kind: z.string(),
  root: z.boolean().default(false),
  /** Of netem, in percent and milliseconds. */
  loss: z.number().default(0),
  delayMs: z.number().default(0),
  /** Of tbf, in bytes. */
  burst: z.int().optional(),
  drops: z.int().default(0),
});

/** A filter of tc whose action drops packets. */
export const filter = z.strictObject({
  dev: z.string(),
  /** ingress, egress: of clsact; root: of the queueing discipline. */
  at: z.enum(['ingress', 'egress', 'root']),
  protocol: z.string().default('all'),
  kind: z.string(),
  pref: z.int(),
  /** gact drop, police... */
  action: z.string(),
  drops: z.int().default(0),
  /** How many of these while the probe was under way; absent: that was not counted. */
  grown: z.int().optional(),
});

export type Link = z.infer<typeof link>;
export type FdbEntry = z.infer<typeof fdbEntry>;
