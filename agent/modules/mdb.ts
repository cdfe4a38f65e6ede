import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { defineModule, type Step } from './module.ts';
import { mdbAction } from './shared/bridge/mdb.ts';
import { bridgeNeeds } from './shared/bridge/needs.ts';
import { bridgeRows } from './shared/bridge/query.ts';
import { checked, inNetns, ipAddress, linkName, presence } from './shared/fields.ts';
import { formatIp, parseIp } from './shared/ip-address.ts';
import { kindOf } from './shared/link/state.ts';
import { placed, readRows, requireLink } from './shared/place.ts';
import { number, rows, text } from './shared/rows.ts';

/** Why this names no group: of IPv4 (224.0.0.0/4), IPv6 (ff00::/8), or a MAC address with its group bit set. */
function groupProblem(name: string): string | undefined {
  if (/^[0-9a-f][13579bdf](:[0-9a-f]{2}){5}$/i.test(name)) return undefined;
  const ip = parseIp(name);
  const isGroup = ip !== undefined && /^(22[4-9]|23\d)\.|^ff/.test(formatIp(ip));
  return isGroup ? undefined : `${JSON.stringify(name)} is no multicast address`;
}

const fields = z.strictObject({
  dev: linkName.describe('The bridge.'),
  netns: inNetns,
  port: linkName.describe('Port that the packets go to.'),
  grp: checked(groupProblem).describe('The group: a multicast address of IPv4, IPv6 or Ethernet.'),
  src: ipAddress.optional().describe('Only packets from this source.'),
  vlan: z.int().min(1).max(4094).optional().describe('Only in this VLAN; default: in each one of the port.'),
  state: presence.describe('Whether the entry exists.'),
});
type Params = z.infer<typeof fields>;

interface Entry {
  readonly vlan: number | undefined;
  readonly permanent: boolean;
}

function spelled(address: string | undefined): string | undefined {
  const ip = address === undefined ? undefined : parseIp(address);
  return ip === undefined ? address?.toLowerCase() : formatIp(ip);
}

function objectOf({ grp, src, vlan, port, netns }: Params): string {
  const where = vlan === undefined ? '' : ` vlan ${vlan}`;
  const from = src === undefined ? '' : ` from ${spelled(src)}`;
  return `mdb ${spelled(grp)}${from}${where} on ${placed(netns, port)}`;
}

function command(params: Params, verb: 'add' | 'del', vlan: number | undefined) {
  const { netns, dev, port, src } = params;
  const entry = { dev, port, grp: spelled(params.grp) ?? '', src: spelled(src), vlan };
  return mdbAction(netns, verb, entry);
}

function notBridge({ netns, dev }: Params): OrchError {
  return new OrchError({
    code: 'task-failed',
    summary: `${placed(netns, dev)} is no bridge.`,
    hint: 'dev is the bridge, and port one of its ports.',
  });
}

function view(entries: readonly Entry[]) {
  const shown = entries.map(
    ({ vlan, permanent }) => `${permanent ? 'permanent' : 'learned'}${vlan === undefined ? '' : ` in VLAN ${vlan}`}`,
  );
  return { entries: shown };
}

export const module = defineModule({
  name: 'mdb',
  form: 'converge',
  summary: "Makes or removes an entry of a bridge's table of groups: which port gets a group's packets.",
  notes:
    'The bridge has to be up, and to snoop (`mcast_snooping`). Entries that it learned are left for it to learn again.',
  examples: [
    'mdb:\n  dev: br0\n  port: veth0\n  grp: 239.1.1.1',
    'mdb:\n  dev: br0\n  port: veth0\n  grp: ff05::101\n  src: fd00::1\n  vlan: 10\n  state: absent',
  ],
  params: fields,

  objects: (params) => [objectOf(params)],

  needs: (params) => (params.state === 'absent' ? [] : bridgeNeeds(params)),

  async read(params, host): Promise<readonly Entry[]> {
    const { netns, dev, port, state } = params;
    const query = ['link', 'show', 'dev', dev];
    const link = state === 'absent' ? (await readRows(host, netns, query))[0] : await requireLink(host, netns, dev);
    if (state === 'present') await requireLink(host, netns, port);
    if (link === undefined) return [];
    if (kindOf(link) !== 'bridge') throw notBridge(params);
    const shown = (await bridgeRows(host, netns, ['mdb', 'show', 'dev', dev])) ?? [];
    return shown
      .flatMap((row) => rows(row, 'mdb'))
      .filter((row) => text(row, 'port') === port && spelled(text(row, 'grp')) === spelled(params.grp))
      .filter((row) => spelled(text(row, 'src')) === spelled(params.src))
      .map((row) => ({ vlan: number(row, 'vid'), permanent: text(row, 'state') === 'permanent' }))
      .filter(({ vlan }) => params.vlan === undefined || vlan === params.vlan);
  },

  plan(params, current) {
    const { vlan } = params;
    const object = objectOf(params);
    const before = view(current);
    if (params.state === 'present' && current.some(({ permanent }) => permanent)) {
      return { steps: [], before, after: before };
    }
    const removal: Step = {
      object,
      action: command(params, 'del', vlan),
      // Learned ones come back by themselves.
      undo: current.filter(({ permanent }) => permanent).map((entry) => command(params, 'add', entry.vlan)),
      removes: params.state === 'absent',
    };
    const removals = current.length === 0 ? [] : [removal];
    if (params.state === 'absent') return { steps: removals, before, after: view([]) };
    const addition: Step = { object, action: command(params, 'add', vlan), undo: [command(params, 'del', vlan)] };
    return { steps: [...removals, addition], before, after: view([{ vlan, permanent: true }]) };
  },
});
