import * as z from 'zod';
import { type Attribute, info, numeric, toggle, type Values, word } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import type { CommonParams } from './shared/link/types.ts';
import { type MacsecParams, macsecFields, macsecProblems } from './shared/macsec/params.ts';
import { planChannels } from './shared/macsec/plan.ts';
import { type Channels, noChannels, readChannels } from './shared/macsec/read.ts';
import { flag, number, text } from './shared/rows.ts';

type Params = CommonParams & MacsecParams;

const ciphers = z.enum(['gcm-aes-128', 'gcm-aes-256', 'gcm-aes-xpn-128', 'gcm-aes-xpn-256']);

function onOff(description: string, key: string, json: string, unset: boolean): Attribute<boolean> {
  return toggle(description, json, { on: [key, 'on'], off: [key, 'off'] }, { unset });
}

/** The last four digits of an SCI (IEEE 802.1AE, 9.9). */
const port: Attribute<number> = {
  field: z.int().min(1).max(65535).describe('Port of its secure channel identifier; the rest is its MAC address.'),
  shows: (row) => {
    const sci = text(info(row), 'sci');
    return sci === undefined ? undefined : Number.parseInt(sci.slice(-4), 16);
  },
  words: (value) => ['port', String(value)],
  change: 'replace',
  unset: 1,
};

/** How many packets may come out of order; ip takes it with `replay on` alone. */
const replayWindow: Attribute<number | 'off'> = {
  field: z
    .union([z.int().min(0).max(0xffffffff), z.literal('off')])
    .describe('Protects from packets that are sent again: how many may come out of order; off: no protection.'),
  shows: (row) => (flag(info(row), 'replay_protect') ? number(info(row), 'window') : 'off'),
  words: (value) => (value === 'off' ? ['replay', 'off'] : ['replay', 'on', 'window', String(value)]),
  change: 'in place',
  unset: 'off',
};

const cipher: Attribute<z.infer<typeof ciphers>> = {
  field: ciphers.describe("Cipher suite; default: the kernel's, gcm-aes-128."),
  shows: (row) => ciphers.safeParse(text(info(row), 'cipher_suite')?.toLowerCase()).data,
  words: (value) => ['cipher', value],
  change: 'replace',
  unset: 'gcm-aes-128',
};

/** What a packet's SCI is told by is one thing (macsec_validate_attr, drivers/net/macsec.c). */
function sciProblems(params: CommonParams & Values): [string, string][] {
  const said = ['send_sci', 'end_station', 'scb'].filter((name) => params[name] === true);
  return said.slice(1).map((name) => [name, `not together with ${said[0]}`]);
}

export const module = defineLinkKind<Readonly<Record<string, Attribute<never>>>, Channels>({
  name: 'macsec',
  summary: 'Makes or removes a macsec link: Ethernet on a parent, authenticated and encrypted (IEEE 802.1AE).',
  notes:
    'No command line, diff, log or report has keys. The kernel tells no one a key: ' +
    'associations are compared by `key_id`, and `orch destroy` cannot bring back one that a task took away.',
  examples: [
    'macsec:\n  name: ms0\n  parent: ens35\n  encrypt: true\n  tx:\n    - { an: 0, key_id: "01", key: 00112233445566778899aabbccddeeff }\n  rx:\n    - sci: "0200000000090001"\n      associations:\n        - { an: 0, key_id: "02", key: ffeeddccbbaa99887766554433221100 }\n  state: up',
  ],
  needs: 'the kernel module macsec (CONFIG_MACSEC)',
  relation: { role: 'parent', need: 'required', stacks: true },
  attributes: {
    port,
    cipher,
    icvlen: numeric(z.int().min(8).max(16).describe('Bytes of the integrity check value.'), 'icvlen', {
      json: 'icv_len',
      change: 'replace',
      unset: 16,
    }),
    encrypt: onOff('Encrypts; else it authenticates only.', 'encrypt', 'encrypt', false),
    protect: onOff('Protects what it sends.', 'protect', 'protect', true),
    send_sci: onOff('Sends the SCI in each packet.', 'send_sci', 'inc_sci', true),
    end_station: onOff('The MAC address stands for the SCI.', 'end_station', 'es', false),
    scb: onOff('Single copy broadcast.', 'scb', 'scb', false),
    replay_window: replayWindow,
    validate: word(z.enum(['disabled', 'check', 'strict']).describe('What becomes of packets that fail.'), 'validate', {
      json: 'validation',
      unset: 'strict',
    }),
    encodingsa: numeric(z.int().min(0).max(3).describe('Association that it sends with.'), 'encodingsa', {
      json: 'encoding_sa',
      unset: 0,
    }),
    offload: word(z.enum(['off', 'phy', 'mac']).describe('Who does the work: the kernel, PHY or MAC.'), 'offload', {
      unset: 'off',
      since: '5.8',
    }),
  } as unknown as Readonly<Record<string, Attribute<never>>>,
  check: (params) => [...macsecProblems(params as MacsecParams), ...sciProblems(params)],
  extra: {
    fields: macsecFields,
    read: (params, host, link) => (link === undefined ? Promise.resolve(noChannels) : readChannels(params, host)),
    plan: (params, present) => planChannels(params as Params, present),
    lost: ({ tx, rx }) => (tx.length + rx.length > 0 ? 'the keys, which the kernel tells no one,' : undefined),
    remake: () => [],
  },
});
