import { attributesOf, numberOf, textOf } from './messages.ts';
import { isZero, macText, whole } from './words.ts';

type Attributes = ReadonlyMap<number, Buffer>;

const types = new Map([
  [1, 'ether'],
  [772, 'loopback'],
]);
const operstates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];
const [up, running] = [0x1, 0x40];

/** In the order in which ip names them (print_link_flags in ip/ipaddress.c). */
const flagNames: readonly (readonly [number, string])[] = [
  [0x8, 'LOOPBACK'],
  [0x2, 'BROADCAST'],
  [0x10, 'POINTOPOINT'],
  [0x1000, 'MULTICAST'],
  [0x80, 'NOARP'],
  [0x200, 'ALLMULTI'],
  [0x100, 'PROMISC'],
  [up, 'UP'],
  [0x10000, 'LOWER_UP'],
];
const knownFlags = flagNames.reduce((known, [flag]) => known | flag, running);

/** IFLA_* (include/uapi/linux/if_link.h) of numbers, under ip's names. All of them are shown wherever the kernel has them. */
const numbers = new Map([
  [4, 'mtu'],
  [13, 'txqlen'],
  [30, 'promiscuity'],
  [61, 'allmulti'],
  [50, 'min_mtu'],
  [51, 'max_mtu'],
  [31, 'num_tx_queues'],
  [32, 'num_rx_queues'],
  [41, 'gso_max_size'],
  [40, 'gso_max_segs'],
  [59, 'tso_max_size'],
  [60, 'tso_max_segs'],
  [58, 'gro_max_size'],
  [63, 'gso_ipv4_max_size'],
  [64, 'gro_ipv4_max_size'],
]);

const address = 1;
const broadcast = 2;
const ifname = 3;
const lower = 5;
const qdisc = 6;
const operstate = 16;
const linkinfo = 18;
const ifalias = 20;
const group = 27;
const linkNetnsid = 37;
const protoDown = 39;
const xdp = 43;
/** IFLA_PROP_LIST: further names. */
const properties = 52;
const devlinkPort = 62;

/** Read below. */
const told = [
  address,
  broadcast,
  ifname,
  lower,
  qdisc,
  operstate,
  linkinfo,
  ifalias,
  group,
  linkNetnsid,
  protoDown,
  xdp,
  devlinkPort,
];
/**
 * What `ip address show` leaves out: STATS, MAP, LINKMODE, STATS64, AF_SPEC, CARRIER, CARRIER_CHANGES, CARRIER_UP_COUNT,
 * CARRIER_DOWN_COUNT, DPLL_PIN, MAX_PACING_OFFLOAD_HORIZON, NETNS_IMMUTABLE, HEADROOM, TAILROOM.
 */
const untold = [7, 14, 17, 23, 26, 33, 35, 47, 48, 65, 66, 67, 68, 69];
const understood: ReadonlySet<number> = new Set([...numbers.keys(), ...told, ...untold]);

/** A link whose row can be told. */
export interface NetlinkLink {
  readonly index: number;
  readonly name: string;
  readonly attributes: Attributes;
  readonly body: Buffer;
}

/** Body of an RTM_NEWLINK message; undefined for one that is not whole. */
export function linkOf(body: Buffer): NetlinkLink | undefined {
  const attributes = attributesOf(body, 16);
  const name = attributes?.get(ifname);
  const text = name && textOf(name);
  if (attributes === undefined || text === undefined) return undefined;
  return { index: body.readInt32LE(4), name: text, attributes, body };
}

export function hasFurtherNames({ attributes }: NetlinkLink): boolean {
  return attributes.has(properties);
}

/**
 * The row that `ip -j -d address show` has of a link, without its addresses. Undefined unless all of it is understood: kinds
 * of links with data of their own, ports of others, and all that is seldom set, are ip's to tell.
 */
export function linkRow({ index, name, attributes, body }: NetlinkLink): Record<string, unknown> | undefined {
  for (const type of attributes.keys()) if (!understood.has(type)) return undefined;
  const flags = body.readUInt32LE(8);
  const linkType = types.get(body.readUInt16LE(2));
  const state = operstates[attributes.get(operstate)?.[0] ?? -1];
  const mac = macText(attributes.get(address));
  const toAll = macText(attributes.get(broadcast));
  const queueing = attributes.get(qdisc);
  const inside = kindRow(attributes.get(linkinfo));
  const beneath = lowerRow(attributes);
  const usual = [group, protoDown, devlinkPort].every((type) => isZero(attributes.get(type)));
  if (
    !usual ||
    !noXdp(attributes.get(xdp)) ||
    linkType === undefined ||
    state === undefined ||
    (flags & ~knownFlags) !== 0
  )
    return undefined;
  if (inside === undefined || beneath === undefined || mac === undefined || toAll === undefined) return undefined;
  const row: Record<string, unknown> = { ifindex: index, ifname: name, flags: flagWords(flags), operstate: state };
  for (const [type, key] of numbers) {
    const value = attributes.get(type);
    if (value === undefined) continue;
    const number = numberOf(value);
    if (number === undefined) return undefined;
    row[key] = number;
  }
  const alias = attributes.get(ifalias);
  if (alias !== undefined) row.ifalias = textOf(alias);
  if (queueing !== undefined) row.qdisc = textOf(queueing);
  const rest = { group: 'default', link_type: linkType, address: mac, broadcast: toAll };
  return whole(Object.assign(row, inside, beneath, rest));
}

function flagWords(flags: number): string[] {
  const words = flagNames.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word);
  return (flags & up) !== 0 && (flags & running) === 0 ? ['NO-CARRIER', ...words] : words;
}

/** IFLA_LINKINFO with nothing but IFLA_INFO_KIND; no other kind than veth is without data of its own that ip shows. */
function kindRow(value: Buffer | undefined): object | undefined {
  if (value === undefined) return {};
  const info = attributesOf(value, 0);
  const kind = info?.get(1);
  if (info?.size !== 1 || kind === undefined || textOf(kind) !== 'veth') return undefined;
  return { linkinfo: { info_kind: 'veth' } };
}

/** A peer in another namespace: its index there, and that one's id. One in the same is named by ip. */
function lowerRow(attributes: Attributes): object | undefined {
  const [index, id] = [attributes.get(lower), attributes.get(linkNetnsid)];
  if (index === undefined && id === undefined) return {};
  if (index?.length !== 4 || id?.length !== 4) return undefined;
  return { link_index: index.readInt32LE(0), link_netnsid: id.readInt32LE(0) };
}

/** IFLA_XDP with nothing but IFLA_XDP_ATTACHED: no. */
function noXdp(value: Buffer | undefined): boolean {
  if (value === undefined) return true;
  const inside = attributesOf(value, 0);
  return inside?.size === 1 && inside.get(2)?.[0] === 0;
}
