import * as z from 'zod';
import { checked, u32 } from '../fields.ts';
import { parseIp } from '../ip-address.ts';
import { number, text } from '../rows.ts';
import { type Attribute, type Attributes, info, toggle, type Values, word } from './attribute.ts';
import { encap } from './encap.ts';
import { marked, numberText, sameAddress, tos } from './tunnel.ts';

/**
 * What ip tunnels of one family have in common. ip reads a tunnel that it is to change, and sends all of it back; it
 * loses encapsulation on that way (ip/link_gre.c, link_ip6tnl.c). So all attributes go into each request: `wholeTunnel`.
 */

function end(
  family: 4 | 6,
  which: string,
  word_: 'local' | 'remote',
  except?: Attribute<string>['except'],
): Attribute<string> {
  const field = checked((address) =>
    address === 'any' || parseIp(address)?.family === family ? undefined : `is no IPv${family} address, and not any`,
  );
  return {
    field: field.describe(which),
    shows: (row) => text(info(row), word_),
    words: (value) => [word_, value],
    change: 'in place',
    unset: 'any',
    ...(except === undefined ? {} : { except }),
    same: sameAddress,
  };
}

/** ip_tunnel_changelink and its like refuse what would turn a point-to-point link into another one (net/ipv4/ip_gre.c). */
const fromAny: Attribute<string>['except'] = {
  change: 'replace',
  when: (wanted, present) => (wanted === 'any') !== (present === 'any'),
  text: 'to or from any',
};

const localText = 'Address that the outer packets come from; any: what the route says.';
const remoteText = "The tunnel's other end; any: each packet's own.";

/** Ends of a tunnel over IPv4. `ethernet`: its links are no point-to-point links. */
export function ends4(ethernet: boolean) {
  return { local: end(4, localText, 'local'), remote: end(4, remoteText, 'remote', ethernet ? undefined : fromAny) };
}

export const ends6 = { local: end(6, localText, 'local'), remote: end(6, remoteText, 'remote') };

export const fwmark: Attribute<number> = marked(u32.describe('Mark by which the outer packets are routed.'), 'fwmark', {
  since: '4.12',
});

const ttl: Attribute<number | 'inherit'> = {
  field: z
    .union([z.int().min(1).max(255), z.literal('inherit')])
    .describe('TTL of the outer packets; inherit: as the inner ones.'),
  shows: (row) => number(info(row), 'ttl') || 'inherit',
  words: (value) => ['ttl', String(value)],
  change: 'in place',
  unset: 'inherit',
};

/** What tunnels over IPv4 have (gre, ipip, sit). */
export const outer4 = {
  ttl,
  tos,
  pmtudisc: toggle(
    'Path MTU discovery: the outer packets may not be fragmented; always on with a ttl.',
    'pmtudisc',
    { on: ['pmtudisc'], off: ['nopmtudisc'] },
    { unset: true },
  ),
};

/** Something of the outer packet that is a number, or is taken from the inner one. */
function inheritable(description: string, key: string, bits: number, shownAs: string): Attribute<number | 'inherit'> {
  return {
    field: z
      .union([
        z
          .int()
          .min(0)
          .max(2 ** bits - 1),
        z.literal('inherit'),
      ])
      .describe(description),
    shows: (row) => (info(row)[shownAs] === true ? 'inherit' : numberText(info(row)[key])),
    words: (value) => [key, value === 'inherit' ? value : `0x${value.toString(16)}`],
    change: 'in place',
    unset: 0,
  };
}

/** What tunnels over IPv6 have (ip6gre, ip6tnl). */
export const outer6 = {
  hoplimit: {
    field: z
      .union([z.int().min(1).max(255), z.literal('inherit')])
      .describe("Hop limit of the outer packets; inherit: the route's."),
    shows: (row) => number(info(row), 'ttl') || 'inherit',
    words: (value) => ['hoplimit', String(value)],
    change: 'in place',
  } satisfies Attribute<number | 'inherit'>,
  tclass: inheritable('Traffic class of the outer packets.', 'tclass', 8, 'ip6_tnl_f_use_orig_tclass'),
  flowlabel: inheritable('Flow label of the outer packets.', 'flowlabel', 20, 'ip6_tnl_f_use_orig_flowlabel'),
  encaplimit: {
    field: z
      .union([z.int().min(0).max(255), z.literal('none')])
      .describe('How many tunnels may be around a packet (RFC 2473); none: the option is not sent.'),
    shows: (row) => number(info(row), 'encap_limit') ?? 'none',
    words: (value) => ['encaplimit', String(value)],
    change: 'in place',
  } satisfies Attribute<number | 'none'>,
  allow_localremote: toggle(
    "The other end may be this host's own address.",
    'ip6_tnl_f_allow_local_remote',
    { on: ['allow-localremote'], off: ['noallow-localremote'] },
    { since: '5.7', unset: false },
  ),
  dscp_inherit: toggle(
    "Copies the outer packets' DSCP to the inner ones.",
    'ip6_tnl_f_rcv_dscp_copy',
    { on: ['dscp', 'inherit'], off: [] },
    // ip has no word that turns it off.
    { unset: false, except: { change: 'replace', when: (wanted) => !wanted, text: 'to off' } },
  ),
};

function key(word_: 'ikey' | 'okey', description: string): Attribute<number | 'none'> {
  return {
    field: z.union([u32, z.literal('none')]).describe(description),
    shows: (row) => numberText(info(row)[word_]) ?? 'none',
    words: (value) => (value === 'none' ? [word_, '0'] : [word_, String(value)]),
    change: 'in place',
    unset: 'none',
  };
}

/** Keys of vti links, which are the marks of their policies: 0 is none. */
export const keys = {
  ikey: key('ikey', 'Key of incoming packets.'),
  okey: key('okey', 'Key of outgoing packets.'),
};

function greFlag(description: string, name: string): Attribute<boolean> {
  return toggle(description, name, { on: [name], off: [`no${name}`] }, { unset: false });
}

const greKey = (name: 'ikey' | 'okey'): Attribute<number | 'none'> => ({
  ...keys[name],
  words: (value) => (value === 'none' ? [`no${name}`] : [name, String(value)]),
});

/** What the header of GRE can hold (RFC 2890), and how the outer packets leave. */
export const greHeader = {
  ikey: greKey('ikey'),
  okey: greKey('okey'),
  iseq: greFlag('Wants sequence numbers.', 'iseq'),
  oseq: greFlag('Sends sequence numbers.', 'oseq'),
  icsum: greFlag('Wants checksums.', 'icsum'),
  ocsum: greFlag('Sends checksums.', 'ocsum'),
};

export const ignoreDf = {
  ignore_df: toggle(
    "Fragments in spite of the inner packets' don't-fragment flag; needs pmtudisc off.",
    'ignore_df',
    { on: ['ignore-df'], off: ['noignore-df'] },
    { since: '4.8', unset: false },
  ),
};

/** The kernel refuses pmtudisc while ignore_df is on, whatever the request says of it (ipgre_netlink_parms, net/ipv4/ip_gre.c). */
export function viaNoIgnoreDf(wanted: Values, present: Values): Values | undefined {
  return wanted.pmtudisc === true && present.ignore_df === true ? { ignore_df: false } : undefined;
}

/** What goes around and beside the outer packets. */
export const around = { fwmark, encap: encap('fou') };
export const around6 = { fwmark, encap: encap('fou6') };

export const external: Attribute<boolean> = toggle(
  'Each packet says its own ends (metadata of routes, tc or eBPF).',
  'external',
  { on: ['external'], off: [] },
  { change: 'replace', unset: false },
);

/** What it carries. The kernel takes a change of a tunnel over IPv4 without a word, and does nothing. */
export function mode<V extends string>(
  values: readonly [V, ...V[]],
  change: 'in place' | 'replace',
  unset: V,
): Attribute<V> {
  return word(z.enum(values).describe('What it carries.'), 'mode', { json: 'proto', change, unset });
}

/** All that is sent with each change. */
export function wholeTunnel(attributes: Attributes): readonly (readonly string[])[] {
  return [Object.keys(attributes).filter((name) => name !== 'external')];
}

const inEachPacket = ['local', 'remote', 'ttl', 'hoplimit', 'tos', 'tclass', 'ikey', 'okey'] as const;
type TunnelParams = {
  readonly [K in (typeof inEachPacket)[number] | 'pmtudisc' | 'ignore_df' | 'external']?: unknown;
};

/** What a tunnel's parameters can't mean together. */
export function tunnelProblems(params: TunnelParams): [string, string][] {
  const found: [string, string][] = [];
  if (params.pmtudisc === false && typeof params.ttl === 'number') found.push(['pmtudisc', 'is always on with a ttl']);
  if (params.ignore_df === true && params.pmtudisc !== false) found.push(['ignore_df', 'needs pmtudisc: false']);
  if (params.external !== true) return found;
  const own = inEachPacket.filter((name) => params[name] !== undefined);
  return [...found, ...own.map((name): [string, string] => [name, 'an external tunnel has it in each packet'])];
}
