import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { checked, linkAddress, u32 } from '../fields.ts';
import { linkNameProblem } from '../names.ts';
import { flag, number, type Row, text, texts } from '../rows.ts';
import type { Attribute, Attributes, Values } from './attribute.ts';
import { genModes } from './gen-mode.ts';

/** A flag of the device (SIOCSIFFLAGS): `KEY on|off`. */
function deviceFlag(
  description: string,
  key: string,
  unset: boolean,
  isSet: (flags: readonly string[]) => boolean,
): Attribute<boolean> {
  return {
    field: z.boolean().describe(description),
    shows: (row) => isSet(texts(row, 'flags')),
    words: (value) => [key, value ? 'on' : 'off'],
    change: 'in place',
    unset,
  };
}

/** At most the largest packet of IPv6 with its header, which a vrf has by itself (IP6_MAX_MTU, include/net/ipv6.h). */
const mtu: Attribute<number> = {
  field: z.int().min(68).max(65_575).describe('Largest packet, in bytes.'),
  shows: (row) => number(row, 'mtu'),
  words: (value) => ['mtu', String(value)],
  change: 'in place',
};

/** A bridge without ports shows zeroes, which no link can be given. */
const address: Attribute<string> = {
  field: linkAddress.describe('MAC address.'),
  shows: (row) => text(row, 'address'),
  words: (value) => ['address', value],
  change: 'in place',
  unset: '00:00:00:00:00:00',
  same: (wanted, present) => wanted.toLowerCase() === present.toLowerCase(),
};

const txqueuelen: Attribute<number> = {
  field: z.int().min(0).max(0x7fffffff).describe('Longest queue of packets to send.'),
  shows: (row) => number(row, 'txqlen'),
  words: (value) => ['txqueuelen', String(value)],
  change: 'in place',
};

const master: Attribute<string> = {
  field: checked((name) => (name === '' ? undefined : linkNameProblem(name))).describe(
    'Link that this one is a port or slave of (bridge, bond, vrf, ...), in the same namespace; an empty string takes it out.',
  ),
  shows: (row) => text(row, 'master') ?? '',
  words: (value) => (value === '' ? ['nomaster'] : ['master', value]),
  change: 'in place',
  unset: '',
};

const alias: Attribute<string> = {
  field: z
    .string()
    .max(255)
    .regex(/^[^\0\n]*$/, 'an alias is one line')
    .describe('Free text that `ip link` shows; an empty string removes it.'),
  shows: (row) => text(row, 'ifalias') ?? '',
  words: (value) => ['alias', value],
  change: 'in place',
  unset: '',
};

const groupName = z.string().regex(/^[A-Za-z0-9_.-]{1,32}$/, "a group is a number or a name of the host's group file");

function groupNumber(group: string | number): string {
  return group === 'default' ? '0' : String(group);
}

const group: Attribute<string | number> = {
  field: z.union([u32, groupName]).describe('Group of links, a number or a name of /etc/iproute2/group.'),
  shows: (row) => text(row, 'group'),
  words: (value) => ['group', String(value)],
  change: 'in place',
  unset: 'default',
  same: (wanted, present) => groupNumber(wanted) === groupNumber(present),
};

const altname = checked((name) => (/[\s/]/.test(name) ? 'an altname holds no blank and no /' : undefined))
  .min(1)
  .max(127);

function altnameArgs(verb: 'add' | 'del', link: string, name: string): string[] {
  return ['link', 'property', verb, 'dev', link, 'altname', name];
}

/** Names beside the first one (IFLA_PROP_LIST, net/core/rtnetlink.c); the kernel takes ALTIFNAMSIZ - 1 = 127 bytes. */
const altnames: Attribute<readonly string[]> = {
  field: z.array(altname).max(32).describe('Further names that it has; others it may have are left alone.'),
  shows: (row) => texts(row, 'altnames'),
  words: () => [],
  edits: (link, wanted, present) =>
    wanted
      .filter((name) => !present?.includes(name))
      .map((name) => ({
        part: `altname ${name}`,
        there: altnameArgs('add', link, name),
        back: altnameArgs('del', link, name),
      })),
  change: 'in place',
  since: '5.5',
  unset: [],
  same: (wanted, present) => wanted.every((name) => present.includes(name)),
  becomes: (wanted, present) => [...new Set([...present, ...wanted])],
};

/** The same where no others are to be left. */
const exactAltnames: Attribute<readonly string[]> = {
  ...altnames,
  edits: (link, wanted, present = []) => {
    const gone = present.filter((name) => !wanted.includes(name));
    const away = gone.map((name) => ({
      part: `altname ${name}`,
      there: altnameArgs('del', link, name),
      back: altnameArgs('add', link, name),
    }));
    return [...away, ...(altnames.edits?.(link, wanted, present, {}) ?? [])];
  },
  same: (wanted, present) => isDeepStrictEqual([...wanted].sort(), [...present].sort()),
  becomes: (wanted) => wanted,
};

const addrgenmode: Attribute<(typeof genModes)[number]> = {
  field: z.enum(genModes).describe('How IPv6 makes its link-local address.'),
  shows: (row: Row) => genModes.find((mode) => mode === text(row, 'inet6_addr_gen_mode')),
  words: (value) => ['addrgenmode', value],
  change: 'in place',
  unset: 'eui64',
};

/** What the stack may leave to the link, or put together of what comes: in bytes of one packet, or in segments. */
function offloadLimit(description: string, key: string, since: string, unset = 65_536): Attribute<number> {
  return {
    field: u32.describe(description),
    shows: (row) => number(row, key),
    words: (value) => [key, String(value)],
    change: 'in place',
    since,
    unset,
  };
}

/** One that sets that of IPv4 along (netif_set_gso_max_size, net/core/dev.h), which is said again, so that it stays. */
function wholeLimit(limit: Attribute<number>, key: string, ofIpv4: string): Attribute<number> {
  const set = (link: string, value: number | undefined, others: Values) => {
    const kept = others[ofIpv4] === undefined ? [] : [ofIpv4, String(others[ofIpv4])];
    return ['link', 'set', 'dev', link, ...limit.words(value ?? 65_536), ...kept];
  };
  return {
    ...limit,
    edits: (link, wanted, present, others) => [
      { part: key, there: set(link, wanted, others), back: set(link, present, others) },
    ],
  };
}

const gso = offloadLimit('Largest packet that is left to the link to cut up.', 'gso_max_size', '4.16');
const gro = offloadLimit('Largest packet that received ones are put together to.', 'gro_max_size', '5.19');

const protodown: Attribute<boolean> = {
  field: z.boolean().describe('Has no carrier, as a protocol of user space says; few kinds can: macvlan, vxlan.'),
  shows: (row) => flag(row, 'proto_down'),
  words: (value) => ['protodown', value ? 'on' : 'off'],
  change: 'in place',
  since: '4.1',
  unset: false,
};

/** What `ip link add` takes at once; the others are set afterwards, as all are where another command makes the link. */
export function givenAtCreation({ making, late = [] }: { making?: unknown; late?: readonly string[] }): string[] {
  return making === undefined ? ['mtu', 'address', 'txqueuelen'].filter((name) => !late.includes(name)) : [];
}

/** What links of every kind have, and physical ones too. The order is that in which they are set. */
export const commonAttributes = {
  mtu,
  address,
  txqueuelen,
  group,
  alias,
  altnames,
  arp: deviceFlag('Answers ARP and asks by it.', 'arp', true, (flags) => !flags.includes('NOARP')),
  multicast: deviceFlag('Takes part in multicast.', 'multicast', true, (flags) => flags.includes('MULTICAST')),
  allmulticast: deviceFlag('Takes all multicast packets.', 'allmulticast', false, (flags) =>
    flags.includes('ALLMULTI'),
  ),
  promisc: deviceFlag('Takes packets for others as well.', 'promisc', false, (flags) => flags.includes('PROMISC')),
  addrgenmode,
  gso_max_size: wholeLimit(gso, 'gso_max_size', 'gso_ipv4_max_size'),
  gso_max_segs: offloadLimit('Most segments of such a packet.', 'gso_max_segs', '4.16', 65_535),
  gro_max_size: wholeLimit(gro, 'gro_max_size', 'gro_ipv4_max_size'),
  gso_ipv4_max_size: offloadLimit('gso_max_size of IPv4.', 'gso_ipv4_max_size', '6.3'),
  gro_ipv4_max_size: offloadLimit('gro_max_size of IPv4.', 'gro_ipv4_max_size', '6.3'),
  protodown,
  master,
} satisfies Attributes;

/** The same for a task with `exact`. */
export const exactCommonAttributes: Attributes = { ...commonAttributes, altnames: exactAltnames };

/** Common attributes whose values in a new link are its own, or those of the hardware and links below. */
export const ownByNature: ReadonlySet<string> = new Set([
  'address',
  ...Object.keys(commonAttributes).filter((name) => /^g[sr]o_/.test(name)),
]);
