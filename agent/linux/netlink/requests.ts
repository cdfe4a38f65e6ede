import { isIPv4 } from 'node:net';

/** NLM_F_REQUEST | NLM_F_ACK, and for what must not be there yet NLM_F_EXCL | NLM_F_CREATE (include/uapi/linux/netlink.h). */
const [change, creation] = [0x005, 0x605];
const [newLink, newAddress, newRoute] = [16, 20, 24];
const [inet, up, mainTable, bootProtocol, unicast] = [2, 0x1, 254, 3, 1];
/** IFA_ADDRESS and IFA_LOCAL; RTA_DST, RTA_OIF and RTA_GATEWAY. */
const [address, local] = [1, 2];
const [dst, oif, gateway] = [1, 4, 5];

/** Indexes of links by their names. */
type Indexes = ReadonlyMap<string, number>;

/**
 * The one request of rtnetlink that ip makes of a command (iplink_modify() in ip/iplink.c, ipaddr_modify() in ip/ipaddress.c,
 * iproute_modify() in ip/iproute.c of iproute2). Undefined for all but the most usual: a link is set up; an IPv4 address of
 * global scope, or a route by a gateway, is added.
 */
export function requestOf(args: readonly string[], links: Indexes): Buffer | undefined {
  const [object, verb, ...words] = args;
  if (object === 'link' && verb === 'set') return linkUp(words, links);
  if (verb !== 'add') return undefined;
  if (object === 'address') return addressAdded(words, links);
  return object === 'route' ? routeAdded(words, links) : undefined;
}

/** dev NAME up */
function linkUp([dev, name = '', state, ...more]: readonly string[], links: Indexes): Buffer | undefined {
  const index = links.get(name);
  if (dev !== 'dev' || state !== 'up' || more.length > 0 || index === undefined) return undefined;
  return message(newLink, change, bytes([0, 0, 0, 0], word(index), word(up), word(up)));
}

/** ADDRESS/LENGTH dev NAME */
function addressAdded([network = '', dev, name = '', ...more]: readonly string[], links: Indexes): Buffer | undefined {
  const [own, index] = [ipv4(network), links.get(name)];
  // Others have another scope.
  if (dev !== 'dev' || more.length > 0 || index === undefined || own === undefined || own.bytes[0] === 127)
    return undefined;
  const body = [[inet, own.length, 0, 0], word(index), attribute(local, own.bytes), attribute(address, own.bytes)];
  return message(newAddress, creation, bytes(...body));
}

/** NETWORK via ADDRESS [dev NAME] table main */
function routeAdded([network = '', via, hop = '', ...more]: readonly string[], links: Indexes): Buffer | undefined {
  const [to, by] = [ipv4(network), ipv4(hop)];
  const name = more.length === 4 && more[0] === 'dev' ? more[1] : undefined;
  const index = name === undefined ? undefined : links.get(name);
  const words = ['via', ...(name === undefined ? [] : ['dev', name]), 'table', 'main'];
  if (to === undefined || by === undefined || [via, ...more].join(' ') !== words.join(' ')) return undefined;
  if (name !== undefined && index === undefined) return undefined;
  const body = [
    [inet, to.length, 0, 0, mainTable, bootProtocol, 0, unicast, 0, 0, 0, 0],
    attribute(dst, to.bytes),
    attribute(gateway, by.bytes),
    ...(index === undefined ? [] : [attribute(oif, word(index))]),
  ];
  return message(newRoute, creation, bytes(...body));
}

function ipv4(text: string): { readonly bytes: readonly number[]; readonly length: number } | undefined {
  const [own = '', length = '32', ...more] = text.split('/');
  if (more.length > 0 || !isIPv4(own) || !/^\d\d?$/.test(length) || Number(length) > 32) return undefined;
  return { bytes: own.split('.').map(Number), length: Number(length) };
}

type Bytes = readonly number[];

function word(number: number): Bytes {
  return [0, 8, 16, 24].map((bits) => (number >>> bits) & 0xff);
}

function attribute(type: number, value: Bytes): Bytes {
  return [4 + value.length, 0, type, 0, ...value];
}

function bytes(...parts: readonly Bytes[]): Bytes {
  return parts.flat();
}

function message(type: number, flags: number, body: Bytes): Buffer {
  const header = [...word(16 + body.length), type, 0, flags & 0xff, flags >> 8, ...word(1), ...word(0)];
  return Buffer.from([...header, ...body]);
}
