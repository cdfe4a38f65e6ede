import * as z from 'zod';
import { fdbEntry, filter, link, qdisc } from './evidence-link.ts';

// Plain data, so that what was seen of a failure can be kept in a file and judged again. All has a default that says
// "nothing special", so that a file needs to hold only what matters.

const address = z.strictObject({
  dev: z.string(),
  address: z.string(),
  prefix: z.int(),
  /** tentative, dadfailed: not usable (RFC 4862). */
  flags: z.array(z.string()).default([]),
});

const route = z.strictObject({
  type: z.string().default('unicast'),
  dst: z.string(),
  table: z.string().default('main'),
  dev: z.string().optional(),
  gateway: z.string().optional(),
  source: z.string().optional(),
  /** Of a default route, where its gateway does not tell the family: there is none, or one of the other (RFC 8950). */
  v6: z.boolean().optional(),
});

const rule = z.strictObject({
  priority: z.int(),
  /** Of IPv6, which has rules of its own. */
  v6: z.boolean().default(false),
  /** unicast, blackhole, unreachable, prohibit. */
  action: z.string().default(''),
  from: z.string().default('all'),
  to: z.string().default('all'),
  iif: z.string().optional(),
  /** l3mdev: that of the VRF by which the packet comes or goes. */
  table: z.string().default('main'),
  /** It matches by what a lookup does not ask with (a mark, ports, a device that packets leave by), or takes some routes only. */
  conditional: z.boolean().default(false),
});

const neighbour = z.strictObject({
  dev: z.string(),
  address: z.string(),
  mac: z.string().optional(),
  state: z.string(),
});

const nftChain = z.strictObject({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().optional(),
});

const nftRule = z.strictObject({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  handle: z.int(),
  text: z.string(),
});

const nftMap = z.strictObject({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  /** Where its verdicts lead. */
  chains: z.array(z.string()),
});

const socket = z.strictObject({
  protocol: z.enum(['tcp', 'udp']),
  address: z.string(),
  port: z.int(),
  /** Of TCP: connections that the program has not taken yet, and how many may wait so. */
  waiting: z.int().optional(),
  backlog: z.int().optional(),
});

const xfrmPolicy = z.strictObject({
  source: z.string(),
  destination: z.string(),
  direction: z.enum(['in', 'out', 'fwd']),
  /** block, or allow: then `demands` says what packets must be protected by. */
  action: z.string().default('allow'),
  demands: z.array(z.string()).default([]),
  /** What it asks for beyond addresses, as ip says it: proto tcp dport 22. */
  only: z.string().optional(),
});

const place = z.strictObject({
  host: z.string(),
  /** Empty: the host's own. */
  netns: z.string().default(''),
  inode: z.int().default(0),
  links: z.array(link).default([]),
  addresses: z.array(address).default([]),
  routes: z.array(route).default([]),
  rules: z.array(rule).default([]),
  neighbours: z.array(neighbour).default([]),
  nftChains: z.array(nftChain).default([]),
  nftRules: z.array(nftRule).default([]),
  nftMaps: z.array(nftMap).default([]),
  fdb: z.array(fdbEntry).default([]),
  qdiscs: z.array(qdisc).default([]),
  filters: z.array(filter).default([]),
  sockets: z.array(socket).optional(),
  /** In the order in which the kernel takes them. */
  xfrmPolicies: z.array(xfrmPolicy).default([]),
  /** How many packets IPsec lost while the probe was under way; absent: that was not counted. */
  xfrmLost: z.int().optional(),
  sysctls: z.record(z.string(), z.string()).default({}),
  /** How much the kernel's counters grew while the probe was under way: TcpExt.IPReversePathFilter. Unchanged ones are left out. */
  grown: z.record(z.string(), z.number()).default({}),
  /** What could not be read, and why. */
  unread: z.array(z.string()).default([]),
});

const direction = z.enum(['request', 'reply']);

/** The kernel's answer to `ip route get`: a route, or the words in which it refuses. */
const lookup = z.strictObject({
  type: z.string().default('unicast'),
  dev: z.string().optional(),
  gateway: z.string().optional(),
  source: z.string().optional(),
  table: z.string().optional(),
  mtu: z.int().optional(),
  /** The MTU is one that the kernel was told of: it counts for its own packets (ip_dst_mtu_maybe_forward). */
  learned: z.literal(true).optional(),
  refusal: z.string().optional(),
});

const stageAlone = z.strictObject({
  direction: direction.default('request'),
  host: z.string(),
  netns: z.string().default(''),
  /** Device that the packet comes in by; absent: it is made here. */
  iif: z.string().optional(),
  /** True when the packet was seen there, false when it follows from the state of the hosts. */
  seen: z.boolean().default(false),
  from: z.string(),
  to: z.string(),
  /** The other end's port, where nftables gave the packet another one than that of the question. */
  port: z.int().optional(),
  lookup,
  /** The kernel's way to the sender, as its check of the source sees it; absent where the packet is made. */
  back: lookup.optional(),
  /** What the question for the next hop's MAC meets at the hosts that have the address; only where nobody answered it. */
  asked: z
    .array(
      z.strictObject({
        host: z.string(),
        netns: z.string().default(''),
        iif: z.string(),
        lookup,
        back: lookup.optional(),
      }),
    )
    .default([]),
});

export type Stage = z.infer<typeof stageAlone> & {
  /** Where it leaves by a tunnel: the way of the outer packets to the other end, by the state of the hosts alone. */
  beneath?: Stage[] | undefined;
};

const stage: z.ZodType<Stage> = stageAlone.extend({ beneath: z.lazy(() => z.array(stage)).optional() });

const event = z.strictObject({
  /** Microseconds since the first event of all hosts. */
  us: z.number().default(0),
  host: z.string(),
  /** Undefined: the kernel did not say it, or the namespace has no name. */
  netns: z.string().optional(),
  dev: z.string().default(''),
  kind: z.enum(['output', 'transmit', 'receive', 'neighbour', 'source-check', 'forward', 'deliver', 'drop']),
  direction: direction.default('request'),
  /** ARP or neighbour discovery. */
  asks: z.boolean().default(false),
  /** An ICMP error about the probe. */
  about: z.boolean().default(false),
  from: z.string().default(''),
  to: z.string().default(''),
  type: z.int().default(0),
  code: z.int().default(0),
  /** The same for all events of one packet on one host. */
  packet: z.string().default(''),
  /** The kernel's reason for a drop, and where it is. */
  reason: z.string().default(''),
  location: z.string().default(''),
  ttl: z.int().optional(),
  length: z.int().optional(),
});

const nftTrace = z.strictObject({
  host: z.string(),
  netns: z.string().default(''),
  packet: z.string().default(''),
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  step: z.string(),
  text: z.string().default(''),
  verdict: z.string().default(''),
});

const observed = z.strictObject({
  host: z.string(),
  level: z.enum(['none', 'static', 'kprobe', 'fprobe', 'bpf']).default('none'),
  /** Why not more. */
  lacking: z.array(z.string()).default([]),
  /** Half of the least round trip to its clock, in microseconds: how far its times may be off. */
  clockErrorUs: z.number().default(0),
});

const probe = z.strictObject({
  outcome: z.enum(['replied', 'refused', 'silent', 'unreachable', 'error']).default('silent'),
  text: z.string().default(''),
  /** Address that it left from; empty: it did not leave. */
  from: z.string().default(''),
  rttMs: z.number().optional(),
  packets: z.int().default(1),
});

const question = z.strictObject({
  host: z.string(),
  netns: z.string().default(''),
  to: z.string(),
  protocol: z.enum(['icmp', 'tcp', 'udp']).default('icmp'),
  port: z.int().default(0),
  /** Bytes of data. */
  size: z.int().default(56),
  /** How long the answer was waited for. */
  timeoutMs: z.number().default(1000),
});

/** All that was seen of one question. */
export const evidenceSchema = z.strictObject({
  version: z.literal(1).default(1),
  question,
  probe: probe.default(() => probe.parse({})),
  observed: z.array(observed).default([]),
  places: z.array(place).default([]),
  stages: z.array(stage).default([]),
  events: z.array(event).default([]),
  nft: z.array(nftTrace).default([]),
});

/** `isBeneath`: of a way beneath a tunnel, on which the request and the reply are carried by packets of the tunnel's. */
export type Evidence = z.infer<typeof evidenceSchema> & { readonly isBeneath?: true };
export type Question = z.infer<typeof question>;
export type Direction = z.infer<typeof direction>;
export type Place = z.infer<typeof place>;
export type Lookup = z.infer<typeof lookup>;
export type WayEvent = z.infer<typeof event>;
export type NftTrace = z.infer<typeof nftTrace>;

/** What was looked at. */
export interface Looked {
  readonly places: readonly Place[];
}

/** A namespace of a host. */
export interface PlaceName {
  readonly host: string;
  /** Empty: the host's own. */
  readonly netns: string;
}
