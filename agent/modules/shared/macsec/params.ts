import * as z from 'zod';
import { checked, secret } from '../fields.ts';

const keyId = z
  .string()
  .regex(/^([0-9a-f]{2}){1,16}$/i, 'a key id is 1 to 16 bytes in hexadecimal')
  .describe('Id of the key, up to 16 bytes in hexadecimal: both ends have the same. Another id means another key.');

const key = secret(
  checked((text) =>
    /^([0-9a-f]{32}|[0-9a-f]{64})$/i.test(text) ? undefined : 'is no key of 16 or 32 bytes in hexadecimal',
  ),
).describe('The key, 16 or 32 bytes in hexadecimal as the cipher has it (secret: shown nowhere).');

/** A secure association (IEEE 802.1AE). */
const association = z.strictObject({
  an: z.int().min(0).max(3).describe('Association number.'),
  key_id: keyId,
  key,
  pn: z.int().min(1).max(0xffffffff).default(1).describe('First packet number, for a new association.'),
  active: z.boolean().default(true).describe('It is in use.'),
});
export type Association = z.infer<typeof association>;

const channel = z.strictObject({
  sci: z
    .string()
    .regex(/^[0-9a-f]{16}$/i, 'an SCI is 16 hexadecimal digits: MAC address and port')
    .describe('The sender\'s secure channel: its MAC address and port, 16 hexadecimal digits ("0200000000090001").'),
  active: z.boolean().default(true).describe('Packets of it are taken.'),
  associations: z.array(association).max(4).default([]).describe('Its associations, all of them.'),
});
export type Channel = z.infer<typeof channel>;

export const macsecFields = {
  tx: z.array(association).max(4).optional().describe('Associations that it sends with, all of them.'),
  rx: z.array(channel).max(256).optional().describe('Channels that it takes packets from, all of them.'),
};

export interface MacsecParams {
  readonly cipher?: string | undefined;
  readonly tx?: readonly Association[] | undefined;
  readonly rx?: readonly Channel[] | undefined;
}

function twice(values: readonly (string | number)[]): boolean {
  return new Set(values).size < values.length;
}

export function macsecProblems({ cipher, tx = [], rx = [] }: MacsecParams): [string, string][] {
  const found: [string, string][] = [];
  if (twice(tx.map(({ an }) => an))) found.push(['tx', 'an association number is there twice']);
  if (twice(rx.map(({ sci }) => sci.toLowerCase()))) found.push(['rx', 'an SCI is there twice']);
  if (rx.some(({ associations }) => twice(associations.map(({ an }) => an)))) {
    found.push(['rx', 'an association number is there twice']);
  }
  const digits = cipher?.endsWith('256') ? 64 : 32;
  for (const [name, all] of [
    ['tx', tx],
    ['rx', rx.flatMap(({ associations }) => associations)],
  ] as const)
    if (cipher !== undefined && all.some(({ key }) => key.length !== digits))
      found.push([name, `${cipher} has keys of ${digits} digits`]);
  return found;
}
