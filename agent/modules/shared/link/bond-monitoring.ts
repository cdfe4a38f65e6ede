import * as z from 'zod';
import { ipAddress } from '../fields.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import { number, text, texts } from '../rows.ts';
import { type Attribute, info, numeric, toggle, type Values, word } from './attribute.ts';

const milliseconds = z.int().min(0).max(0x7fffffff);

function set(link: string, ...words: string[]): string[] {
  return ['link', 'set', 'dev', link, 'type', 'bond', ...words];
}

/** The way of watching that the kernel ends when the other one begins (drivers/net/bonding/bond_options.c). */
function arpWords({ arp_interval: interval, arp_validate: validate }: Values): string[] {
  if (!interval) return [];
  return ['arp_interval', String(interval), ...(typeof validate === 'string' ? ['arp_validate', validate] : [])];
}

const miimon: Attribute<number> = {
  field: milliseconds.describe('How often slaves are looked at; 0 is never. Ends watching by ARP.'),
  shows: (row) => number(info(row), 'miimon'),
  words: (value) => ['miimon', String(value)],
  edits: (link, wanted, present = 0, others) => {
    const back = set(link, 'miimon', String(present), ...(wanted === 0 ? [] : arpWords(others)));
    return [{ part: 'miimon', there: set(link, 'miimon', String(wanted)), back }];
  },
  change: 'in place',
};

const arpInterval: Attribute<number> = {
  field: milliseconds.describe('How often targets are asked by ARP; 0 is never. Ends watching by miimon.'),
  shows: (row) => number(info(row), 'arp_interval'),
  words: (value) => ['arp_interval', String(value)],
  edits: (link, wanted, present = 0, others) => {
    const watched = wanted !== 0 && others.miimon ? ['miimon', String(others.miimon)] : [];
    const back = set(link, ...watched, 'arp_interval', String(present));
    return [{ part: 'arp_interval', there: set(link, 'arp_interval', String(wanted)), back }];
  },
  change: 'in place',
  unset: 0,
};

/** Without miimon the kernel keeps a delay, but takes no other one. */
function delay(key: string, description: string, since?: string): Attribute<number> {
  const attribute = numeric(milliseconds.describe(`${description} A multiple of miimon.`), key, { unset: 0 });
  const shows: Attribute<number>['shows'] = (row) => (number(info(row), 'miimon') === 0 ? 0 : number(info(row), key));
  return { ...attribute, ...(since === undefined ? {} : { since }), shows };
}

function targets(key: string, version: 4 | 6, since?: string): Attribute<readonly string[]> {
  const wrong = version === 4 ? ':' : '.';
  const spelled = (addresses: readonly string[]) =>
    addresses
      .map((address) => parseIp(address))
      .map((ip) => ip && formatIp(ip))
      .join();
  return {
    field: z
      .array(ipAddress.refine((address) => !address.includes(wrong), `has to be an IPv${version} address`))
      .max(16)
      .describe(`IPv${version} addresses that are asked whether a slave works, all of them.`),
    shows: (row) => texts(info(row), key),
    words: (value) => [key, value.join(',')],
    change: 'in place',
    ...(since === undefined ? {} : { since }),
    unset: [],
    same: (wanted, present) => spelled(wanted) === spelled(present),
  };
}

const validations = ['none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'] as const;

/** How a bond learns whether its slaves work. */
export const bondMonitoring = {
  miimon,
  updelay: delay('updelay', 'How long a slave must be up before it is used.'),
  downdelay: delay('downdelay', 'How long a slave must be down before it is given up.'),
  peer_notify_delay: delay('peer_notify_delay', 'Time between gratuitous ARPs.', '5.3'),
  use_carrier: toggle(
    'Looks at the carrier, not at registers of the device.',
    'use_carrier',
    { on: ['use_carrier', '1'], off: ['use_carrier', '0'] },
    { unset: true },
  ),
  arp_interval: arpInterval,
  arp_ip_target: targets('arp_ip_target', 4),
  ns_ip6_target: targets('ns_ip6_target', 6, '5.18'),
  arp_validate: {
    ...word(z.enum(validations).describe('Of which slaves answers are checked.'), 'arp_validate', { unset: 'none' }),
    // ip prints null for none.
    shows: (row) => validations.find((name) => name === (text(info(row), 'arp_validate') ?? 'none')),
  } satisfies Attribute<(typeof validations)[number]>,
  arp_all_targets: word(z.enum(['any', 'all']).describe('How many targets must answer.'), 'arp_all_targets', {
    unset: 'any',
  }),
  arp_missed_max: numeric(
    z.int().min(1).max(255).describe('Answers that may be missing before a slave is given up.'),
    'arp_missed_max',
    { since: '5.17', unset: 2 },
  ),
};
