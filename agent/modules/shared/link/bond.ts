import * as z from 'zod';
import { linkName, macAddress, u32 } from '../fields.ts';
import { type Row, text } from '../rows.ts';
import { type Attribute, info, numeric, toggle, type ValuesOf, word } from './attribute.ts';
import { bondMonitoring } from './bond-monitoring.ts';

const modeNames = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;
type Mode = (typeof modeNames)[number];

const withPrimary: readonly Mode[] = ['active-backup', 'balance-tlb', 'balance-alb'];
const withArp: readonly Mode[] = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'];
const dynamic: readonly Mode[] = ['balance-tlb', 'balance-alb'];

/** What only some modes have: `unsuppmodes` in drivers/net/bonding/bond_options.c. */
const modesOf: Readonly<Record<string, readonly Mode[]>> = {
  primary: withPrimary,
  active_slave: withPrimary,
  arp_interval: withArp,
  arp_validate: withArp,
  packets_per_slave: ['balance-rr'],
  tlb_dynamic_lb: dynamic,
  lacp_rate: ['802.3ad'],
  lacp_active: ['802.3ad'],
  coupled_control: ['802.3ad'],
  ad_user_port_key: ['802.3ad'],
  ad_actor_sys_prio: ['802.3ad'],
  ad_actor_system: ['802.3ad'],
};

/** Other modes keep a value that they can't be given, so that it doesn't count. */
function inModes<V>(modes: readonly Mode[] | undefined, attribute: Attribute<V>): Attribute<V> {
  const counts = (row: Row) => modes?.some((mode) => mode === text(info(row), 'mode')) ?? true;
  return { ...attribute, shows: (row) => (counts(row) ? attribute.shows(row) : undefined) };
}

const activeSlave: Attribute<string> = {
  field: linkName.describe('The slave that is in use now; the bond may choose another one later.'),
  shows: (row) => text(info(row), 'active_slave'),
  // A new bond has no slaves.
  words: () => [],
  edits: (link, wanted, present) => {
    const set = (...words: string[]) => ['link', 'set', 'dev', link, 'type', 'bond', ...words];
    const back = present === undefined ? set('clear_active_slave') : set('active_slave', present);
    return [{ part: 'active_slave', there: set('active_slave', wanted), back }];
  },
  change: 'in place',
};

const lacp = {
  lacp_rate: word(
    z.enum(['slow', 'fast']).describe('802.3ad: how often the other side is to say that it is there.'),
    'lacp_rate',
    {
      json: 'ad_lacp_rate',
      change: 'link down',
      unset: 'slow',
    },
  ),
  lacp_active: toggle('802.3ad: speaks LACP unasked.', 'ad_lacp_active', onOff('lacp_active'), {
    change: 'link down',
    since: '5.15',
    unset: true,
  }),
  coupled_control: toggle('802.3ad: collects and distributes together.', 'coupled_control', onOff('coupled_control'), {
    change: 'link down',
    since: '6.9',
    unset: true,
  }),
  ad_user_port_key: numeric(
    z.int().min(0).max(1023).describe("802.3ad: the upper bits of the port's key."),
    'ad_user_port_key',
    {
      change: 'link down',
      unset: 0,
    },
  ),
  ad_actor_sys_prio: numeric(
    z.int().min(1).max(65535).describe('802.3ad: priority of this system.'),
    'ad_actor_sys_prio',
    {
      unset: 65535,
    },
  ),
  ad_actor_system: word(macAddress.describe('802.3ad: MAC address of this system.'), 'ad_actor_system', {
    unset: '00:00:00:00:00:00',
    same: (wanted, present) => wanted.toLowerCase() === present.toLowerCase(),
  }),
};

function onOff(key: string) {
  return { on: [key, 'on'], off: [key, 'off'] };
}

function oneZero(key: string) {
  return { on: [key, '1'], off: [key, '0'] };
}

/** Mode and fail_over_mac are refused while there are slaves, so that only a new bond has another one. */
const plain = {
  mode: word(z.enum(modeNames).describe("How slaves are used; default: the kernel's, balance-rr."), 'mode', {
    change: 'replace',
    unset: 'balance-rr',
  }),
  ...bondMonitoring,
  primary: word(
    linkName.describe('The slave to be used while it is up. Once set, ip can set no bond back to none.'),
    'primary',
  ),
  primary_reselect: word(
    z.enum(['always', 'better', 'failure']).describe('When the primary is taken again.'),
    'primary_reselect',
    {
      unset: 'always',
    },
  ),
  fail_over_mac: word(
    z.enum(['none', 'active', 'follow']).describe('Which MAC address the bond has.'),
    'fail_over_mac',
    {
      change: 'replace',
      unset: 'none',
    },
  ),
  xmit_hash_policy: word(
    z
      .enum(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4', 'vlan+srcmac'])
      .describe('By what of a packet its slave is chosen.'),
    'xmit_hash_policy',
    { unset: 'layer2' },
  ),
  resend_igmp: numeric(z.int().min(0).max(255).describe('Reports of groups after a change of slaves.'), 'resend_igmp', {
    unset: 1,
  }),
  num_grat_arp: numeric(
    z.int().min(0).max(255).describe('Gratuitous ARPs and unsolicited NAs after a change of slaves.'),
    'num_grat_arp',
    { json: 'num_peer_notif', unset: 1 },
  ),
  all_slaves_active: toggle(
    'Takes packets from idle slaves as well.',
    'all_slaves_active',
    oneZero('all_slaves_active'),
    {
      unset: false,
    },
  ),
  min_links: numeric(u32.max(0x7fffffff).describe('How many slaves must be up for the bond to be up.'), 'min_links', {
    unset: 0,
  }),
  lp_interval: numeric(z.int().min(1).max(0x7fffffff).describe('Seconds between learning packets.'), 'lp_interval', {
    unset: 1,
  }),
  packets_per_slave: numeric(
    z.int().min(0).max(65535).describe('balance-rr: packets before the next slave; 0 is by chance.'),
    'packets_per_slave',
    { unset: 1 },
  ),
  tlb_dynamic_lb: toggle('balance-tlb, balance-alb: spreads by load.', 'tlb_dynamic_lb', oneZero('tlb_dynamic_lb'), {
    change: 'link down',
    unset: true,
  }),
  ad_select: word(
    z.enum(['stable', 'bandwidth', 'count']).describe('802.3ad: which group of slaves is used.'),
    'ad_select',
    {
      change: 'link down',
      unset: 'stable',
    },
  ),
  ...lacp,
  active_slave: activeSlave,
};

type Table = typeof plain;

export const bondAttributes = Object.fromEntries(
  Object.entries(plain).map(([name, attribute]) => [name, inModes(modesOf[name], attribute as Attribute<unknown>)]),
) as unknown as Table;

/** What the kernel would refuse, or round so that it is never as asked for. */
export function bondProblems(params: ValuesOf<Table>): [string, string][] {
  const { mode, miimon, arp_interval } = params;
  const found: [string, string][] = [];
  for (const [name, modes] of Object.entries(modesOf)) {
    const asked = (params as Readonly<Record<string, unknown>>)[name];
    if (mode === undefined || asked === undefined || modes.includes(mode) || asked === 0) continue;
    found.push([name, `mode ${mode} has it not; ${modes.join(', ')} ${modes.length === 1 ? 'has' : 'have'}`]);
  }
  if (miimon && arp_interval) found.push(['arp_interval', 'a bond is watched by miimon or by ARP, not by both']);
  for (const name of ['updelay', 'downdelay', 'peer_notify_delay'] as const) {
    const delay = params[name];
    if (!delay || miimon === undefined) continue;
    if (miimon === 0) found.push([name, 'needs a miimon that is not 0']);
    else if (delay % miimon !== 0) found.push([name, `is no multiple of miimon, ${miimon}: the kernel would round it`]);
  }
  return found;
}
