import * as z from 'zod';
import type { TaskNeed } from '../../module.ts';
import { ipAddress, linkName, routingTable } from '../fields.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import { flag, number, object, type Row, text, texts } from '../rows.ts';
import { tableName } from '../tables.ts';
import { option } from './family.ts';

const byte = z.int().min(0).max(255).optional();
const tunnel = {
  id: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('Key of the tunnel.'),
  dst: ipAddress.describe('Other end of the tunnel.'),
  src: ipAddress.optional().describe('Own end of the tunnel.'),
  ttl: byte.describe('TTL or hop limit of the outer header.'),
  tos: byte.describe('TOS or traffic class of the outer header.'),
  key: z.boolean().optional().describe('The outer header has the key.'),
  csum: z.boolean().optional().describe('The outer header has a checksum.'),
  seq: z.boolean().optional().describe('The outer header has a sequence number.'),
};
const segments = z.array(ipAddress).min(1).max(32);

/** As the kernel shows them. */
const flavorNames = ['psp', 'usp', 'usd', 'next-csid'] as const;
const bits = z.int().min(8).max(120).multipleOf(8).optional();
const kinds = 'encapsulations are mpls, ip, ip6, seg6 and seg6local';

/** What is put around packets on their way (ip-route(8), "encap"). */
const encaps = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('mpls'),
      labels: z.array(z.int().min(0).max(1_048_575)).min(1).max(30).describe('Labels, the outermost first.'),
      ttl: byte.describe('TTL of the labels.'),
    }),
    z.strictObject({ type: z.literal('ip'), ...tunnel }),
    z.strictObject({ type: z.literal('ip6'), ...tunnel }),
    z.strictObject({
      type: z.literal('seg6'),
      mode: z
        .enum(['encap', 'inline', 'l2encap', 'encap.red', 'l2encap.red'])
        .default('encap')
        .describe(
          'encap: a header of IPv6 around, inline: the segments in its own; l2: of frames; red: without the first.',
        ),
      segs: segments.describe('Segments, in the order of the way.'),
    }),
    z.strictObject({
      type: z.literal('seg6local'),
      action: z
        .enum([
          ...(['End', 'End.X', 'End.T', 'End.DX2', 'End.DX6', 'End.DX4', 'End.DT6', 'End.DT4', 'End.DT46'] as const),
          ...(['End.B6', 'End.B6.Encaps'] as const),
        ])
        .describe('Behaviour of the segment (RFC 8986).'),
      nh4: ipAddress.optional().describe('Next hop of End.DX4.'),
      nh6: ipAddress.optional().describe('Next hop of End.X and End.DX6.'),
      table: routingTable.optional().describe('Table of End.T and End.DT6.'),
      vrftable: routingTable.optional().describe('Table of a vrf, for End.DT4, End.DT6 and End.DT46.'),
      oif: linkName.optional().describe('Link of End.DX2.'),
      segs: segments.optional().describe('Segments of End.B6 and End.B6.Encaps.'),
      flavors: z
        .array(z.enum(flavorNames))
        .min(1)
        .optional()
        .describe('Flavors of End and End.X (RFC 8986, RFC 9800).'),
      lblen: bits.describe('next-csid: bits of the locator block; default: 32.'),
      nflen: bits.describe('next-csid: bits of a node and its function; default: 16.'),
    }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? kinds : undefined) },
);
export const encapField = encaps.describe(
  'What is put around the packets: {type: mpls, labels, ttl}, {type: seg6, mode, segs}, {type: seg6local, action, ' +
    'nh4, nh6, table, vrftable, oif, segs, flavors, lblen, nflen}, or {type: ip or ip6, id, dst, src, ttl, tos, key, csum, seq}.',
);
export type EncapParams = z.infer<typeof encapField>;

/** Options of the kernel (net/mpls/Kconfig, net/ipv6/Kconfig, net/Kconfig). */
const encapOptions = {
  mpls: 'MPLS_IPTUNNEL',
  seg6: 'IPV6_SEG6_LWTUNNEL',
  seg6local: 'IPV6_SEG6_LWTUNNEL',
  ip: 'LWTUNNEL',
  ip6: 'LWTUNNEL',
} as const satisfies Record<EncapParams['type'], string>;

export function encapNeeds({ type }: EncapParams, option: string): TaskNeed[] {
  return [{ what: 'config', which: encapOptions[type], option }];
}

function canonical(address: string | undefined): string | undefined {
  const ip = address === undefined ? undefined : parseIp(address);
  return ip && formatIp(ip);
}

interface Tunnel {
  readonly id: number | undefined;
  readonly src: string | undefined;
  readonly dst: string | undefined;
  readonly ttl: number | undefined;
  readonly tos: number | undefined;
  /** Of `tunnelFlags`, those that are set. */
  readonly flags: readonly string[];
}

const tunnelFlags = ['key', 'csum', 'seq'] as const;

function tunnelWords(type: 'ip' | 'ip6', { id, src, dst, ttl, tos, flags }: Tunnel): string[] {
  const ownEnd = src === '0.0.0.0' || src === '::' ? undefined : src;
  const [hops, kind] = type === 'ip' ? ['ttl', 'tos'] : ['hoplimit', 'tc'];
  return [
    type,
    ...option('id', id || undefined),
    ...option('src', ownEnd),
    ...option('dst', dst),
    ...option(hops ?? '', ttl || undefined),
    ...option(kind ?? '', tos || undefined),
    ...flags,
  ];
}

/** The kernel shows an inline route with the packet's own destination as last segment. */
function segsText(segs: readonly string[]): string {
  return segs
    .map((address) => canonical(address) ?? address)
    .filter((address) => address !== '::')
    .join(',');
}

/** In ip's words: "mpls 100/200 ttl 5", "seg6 mode encap segs fd00::5,fd00::6". */
export function wantedEncap(params: EncapParams | undefined): string | undefined {
  return params && wordsOf(params).join(' ');
}

function wordsOf(params: EncapParams): string[] {
  switch (params.type) {
    case 'mpls':
      return ['mpls', params.labels.join('/'), ...option('ttl', params.ttl || undefined)];
    case 'ip':
    case 'ip6': {
      const { id, ttl, tos } = params;
      const flags = tunnelFlags.filter((flag) => params[flag] === true);
      return tunnelWords(params.type, { id, ttl, tos, src: canonical(params.src), dst: canonical(params.dst), flags });
    }
    case 'seg6':
      return ['seg6', 'mode', params.mode, 'segs', segsText(params.segs)];
    case 'seg6local': {
      const { action, nh4, nh6, table, vrftable, oif, segs } = params;
      return [...localWords({ action, nh4, nh6: canonical(nh6), table, vrftable, oif, segs }), ...flavorWords(params)];
    }
  }
}

/** In a row they are among the others. */
function flavorWords({ flavors, lblen = 32, nflen = 16 }: Extract<EncapParams, { type: 'seg6local' }>): string[] {
  const names = flavorNames.filter((name) => flavors?.includes(name));
  const lengths = names.includes('next-csid') ? ['lblen', String(lblen), 'nflen', String(nflen)] : [];
  return [...option('flavors', names.join(',') || undefined), ...lengths];
}

interface Local {
  readonly action: string;
  readonly nh4: string | undefined;
  readonly nh6: string | undefined;
  readonly table: string | number | undefined;
  readonly vrftable: string | number | undefined;
  readonly oif: string | undefined;
  readonly segs: readonly string[] | undefined;
}

function localWords({ action, nh4, nh6, table, vrftable, oif, segs }: Local): string[] {
  return [
    ...['seg6local', 'action', action],
    ...option('nh4', nh4),
    ...option('nh6', nh6),
    ...option('table', table && tableName(table)),
    ...option('vrftable', vrftable && tableName(vrftable)),
    ...option('oif', oif),
    ...(segs === undefined || segs.length === 0 ? [] : ['srh', 'segs', segsText(segs)]),
  ];
}

/** Keys of an encap in a row that are read one by one. */
const known = new Set(
  'encap_type id src dst ttl tos hoplimit tc key csum seq mode segs action nh4 nh6 table vrftable oif srh'.split(' '),
);

/** The others, in ip's words as far as it shows what it takes: of these tasks can ask for flavors alone. */
function furtherWords(encap: Row): string[] {
  const others = Object.entries(encap).filter(([key]) => !known.has(key));
  return others.flatMap(([key, value]) => {
    const names = texts(encap, key);
    return [key, names.length > 0 ? names.join(',') : typeof value === 'object' ? JSON.stringify(value) : `${value}`];
  });
}

/** The same words from a row of a route or next hop; undefined when nothing is put around. */
export function encapOf(row: Row): string | undefined {
  const encap = object(row, 'encap');
  const words = rowWords(encap);
  return words && [...words, ...furtherWords(encap)].join(' ');
}

function rowWords(encap: Row): string[] | undefined {
  const id = number(encap, 'id');
  const src = text(encap, 'src');
  const dst = text(encap, 'dst');
  const flags = tunnelFlags.filter((name) => flag(encap, name));
  const type = text(encap, 'encap_type');
  switch (type) {
    case undefined:
      return undefined;
    case 'mpls':
      return ['mpls', dst ?? '', ...option('ttl', number(encap, 'ttl'))];
    case 'ip':
      return tunnelWords('ip', { id, src, dst, ttl: number(encap, 'ttl'), tos: number(encap, 'tos'), flags });
    case 'ip6':
      return tunnelWords('ip6', { id, src, dst, ttl: number(encap, 'hoplimit'), tos: number(encap, 'tc'), flags });
    case 'seg6':
      return ['seg6', 'mode', text(encap, 'mode') ?? '', 'segs', segsText(texts(encap, 'segs'))];
    case 'seg6local': {
      const read = (key: string) => text(encap, key);
      const srh = object(encap, 'srh');
      const [action = '', nh4, nh6] = ['action', 'nh4', 'nh6'].map(read);
      const [table, vrftable, oif] = ['table', 'vrftable', 'oif'].map(read);
      return [
        ...localWords({ action, nh4, nh6, table, vrftable, oif, segs: texts(srh, 'segs') }),
        ...option('hmac', text(srh, 'hmac')),
      ];
    }
    default:
      // Another kind, of which no key is known.
      return [type, JSON.stringify(encap)];
  }
}
