import * as z from 'zod';
import { ipAddress } from '../fields.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import { flag, number, text } from '../rows.ts';
import { tosField, tosText } from '../tos.ts';
import { type Attribute, info, type More, numeric } from './attribute.ts';

/** A number that iproute2 shows as text: "0x5", or the dotted "0.0.0.5". */
export function numberText(shown: unknown): number | undefined {
  if (typeof shown === 'number') return shown;
  if (typeof shown !== 'string') return undefined;
  if (!shown.includes('.')) return Number(shown);
  const ip = parseIp(shown);
  return ip && Number(ip.value);
}

/** `KEY NUMBER`, shown as text, or not at all where it is 0. */
export function marked(
  field: z.ZodType<number>,
  key: string,
  more: More<number> & { readonly json?: string } = {},
): Attribute<number> {
  const { json = key } = more;
  return { unset: 0, ...numeric(field, key, more), shows: (row) => numberText(info(row)[json]) ?? 0 };
}

/** The number of a virtual network. */
export const vni: Attribute<number> = {
  field: z.int().min(0).max(0xffffff).describe('The VNI; links that are external have none.'),
  shows: (row) => (flag(info(row), 'external') ? undefined : number(info(row), 'id')),
  words: (value) => ['id', String(value)],
  change: 'replace',
};

export function sameAddress(wanted: string, present: string): boolean {
  const spelled = (address: string) => {
    const ip = parseIp(address);
    return ip === undefined ? address : formatIp(ip);
  };
  return spelled(wanted) === spelled(present);
}

function isV6(address: string | undefined): boolean {
  return address?.includes(':') ?? false;
}

/**
 * An end of a tunnel over UDP (vxlan, geneve): IPv6 has keys of its own in what ip shows, and no end is shown as nothing.
 * drivers/net/vxlan and geneve.c let it change within its family; to none there is no word that says it for all.
 */
export function udpEnd(
  description: string,
  word: string,
  more: { readonly replacedInV6?: boolean } = {},
): Attribute<string> {
  return {
    field: ipAddress.describe(description),
    shows: (row) => text(info(row), word) ?? text(info(row), `${word}6`),
    words: (value) => [word, value],
    change: 'in place',
    except: {
      change: 'replace',
      when: (wanted, present) =>
        present === undefined || isV6(wanted) !== isV6(present) || (more.replacedInV6 === true && isV6(wanted)),
      text: more.replacedInV6 ? 'IPv6, from none, to the other family' : 'from none, to the other family',
    },
    same: sameAddress,
  };
}

/** `tos`: iproute2 shows 1, which no packet has, for "inherit". */
export const tos: Attribute<string | number> = {
  field: z
    .union([z.literal('inherit'), tosField])
    .describe('TOS or traffic class of the outer packets; inherit: as the inner ones.'),
  shows: (row) => {
    const shown = text(info(row), 'tos');
    return shown === '0x1' ? 'inherit' : (tosText(shown) ?? 0);
  },
  // ip reads digits of a TOS as hexadecimal (rtnl_dsfield_a2n).
  words: (value) => ['tos', value === 'inherit' ? value : (tosText(value) ?? '0')],
  change: 'in place',
  unset: 0,
  same: (wanted, present) => wanted === present || (wanted !== 'inherit' && tosText(wanted) === tosText(present)),
};

/** `ttl` of tunnels over UDP: 0 is the kernel's choice, and nothing is shown for inherit. */
export const udpTtl: Attribute<number | 'auto' | 'inherit'> = {
  field: z
    .union([z.int().min(1).max(255), z.enum(['auto', 'inherit'])])
    .describe("TTL of the outer packets; auto: the route's; inherit: as the inner ones."),
  shows: (row) => {
    const shown = number(info(row), 'ttl');
    return shown === 0 ? 'auto' : (shown ?? 'inherit');
  },
  words: (value) => ['ttl', String(value)],
  change: 'in place',
  unset: 'auto',
};

export const df: Attribute<'unset' | 'set' | 'inherit'> = {
  field: z.enum(['unset', 'set', 'inherit']).describe("The outer IPv4 packets' don't-fragment flag."),
  shows: (row) => z.enum(['unset', 'set', 'inherit']).safeParse(text(info(row), 'df')).data,
  words: (value) => ['df', value],
  change: 'in place',
  since: '5.1',
  unset: 'unset',
};

/** The IPv6 flow label of vxlan and geneve. */
export const udpFlowlabel: Attribute<number> = marked(
  z.int().min(0).max(0xfffff).describe('Flow label of the outer IPv6 packets.'),
  'flowlabel',
  { json: 'label' },
);

/** A port as iproute2 and the kernel know it. */
export const port = z.int().min(1).max(65535);
