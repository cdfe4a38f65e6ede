import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule, type Plan } from './module.ts';
import { inNetns, ipAddress, linkName, macAddress, noneOf } from './shared/fields.ts';
import { formatIp, parseIp } from './shared/ip-address.ts';
import {
  deleteNeighbour,
  type Neighbour,
  type NeighbourKey,
  neighbourFlags,
  neighbourObject,
  neighbourOf,
  putNeighbour,
} from './shared/neighbour.ts';
import { readRows, requireLink } from './shared/place.ts';
import { protocolName, routeProtocol } from './shared/protocols.ts';
import { releaseNeeds } from './shared/release-needs.ts';

const fields = z.strictObject({
  dst: ipAddress.describe('Address of the neighbour.'),
  lladdr: macAddress.optional().describe('Its MAC address; needed unless absent, proxy or managed.'),
  dev: linkName.describe('Link that it is behind.'),
  state: z
    .enum(['present', 'absent', 'permanent', 'noarp', 'reachable', 'stale'])
    .default('present')
    .describe('permanent stays until removed, reachable and stale age; present is permanent.'),
  proxy: z.boolean().default(false).describe('Answer for this address on `dev`, as an entry of its own.'),
  managed: z
    .boolean()
    .default(false)
    .describe('The kernel finds the MAC address and keeps it fresh; takes Linux 5.16.'),
  router: z.boolean().optional().describe('Whether it is a router.'),
  extern_learn: z.boolean().optional().describe('Taken as learned elsewhere, so that the kernel does not let it go.'),
  protocol: routeProtocol.optional().describe('Who made it: static, bgp, a number from 0 to 255.'),
  netns: inNetns,
});
type Params = z.infer<typeof fields>;

/** States that the kernel moves an ageing entry through by itself. */
const ageing = ['REACHABLE', 'STALE', 'DELAY', 'PROBE'];

function contradictions(params: Params): [keyof Params, string][] {
  const { proxy, managed, state } = params;
  if (state === 'absent') return [];
  const found: [keyof Params, string][] = [];
  const own = proxy || managed;
  const kind = proxy ? 'a proxy entry' : 'a managed entry';
  if (params.lladdr === undefined && !own) found.push(['lladdr', 'say the MAC address of the neighbour']);
  if (params.lladdr !== undefined && own) found.push(['lladdr', `${kind} has none of the task's`]);
  if (state !== 'present' && own) found.push(['state', `${kind} is present or absent`]);
  if (proxy && managed) found.push(['managed', 'a proxy entry is not looked for']);
  return found;
}

function keyOf({ dst, dev, netns, proxy }: Params): NeighbourKey {
  const ip = parseIp(dst);
  return { dst: ip === undefined ? dst : formatIp(ip), dev, netns, proxy };
}

/** The task takes away an entry with its MAC, and this one has another. */
function isOther({ lladdr }: Params, current: Neighbour): boolean {
  return lladdr !== undefined && lladdr.toLowerCase() !== current.lladdr;
}

/** Puts back what was there; an entry that the kernel learned is left for it to learn again. */
function putBack(params: Params, current: Neighbour | undefined) {
  if (current === undefined) return undefined;
  // The kernel finds the address of a managed entry anew.
  if (current.managed) return putNeighbour(keyOf(params), { ...current, lladdr: undefined, nud: undefined });
  return ageing.includes(current.nud ?? '') && !current.extern_learn ? undefined : putNeighbour(keyOf(params), current);
}

/** The wanted entry, with what the task leaves open as it is. */
function wantedEntry(params: Params, current: Neighbour | undefined): Neighbour {
  const { managed, proxy, router, extern_learn, protocol } = params;
  const nud = params.state === 'present' ? 'PERMANENT' : params.state.toUpperCase();
  return {
    lladdr: managed || proxy ? undefined : params.lladdr?.toLowerCase(),
    nud: managed || proxy ? undefined : nud,
    managed,
    router: router ?? current?.router ?? false,
    extern_learn: extern_learn ?? current?.extern_learn ?? false,
    protocol: protocol === undefined ? current?.protocol : protocolName(protocol),
  };
}

function satisfies(current: Neighbour, wanted: Neighbour): boolean {
  const same = (name: 'managed' | 'router' | 'extern_learn' | 'protocol') => wanted[name] === current[name];
  const found = current.nud ?? '';
  const state = ageing.includes(wanted.nud ?? '') ? ageing.includes(found) : wanted.nud === current.nud;
  // What the kernel found for a managed entry is its own business.
  const address = wanted.managed || (wanted.lladdr === current.lladdr && state);
  return address && ([...neighbourFlags, 'protocol'] as const).every(same);
}

function view(params: Params, neighbour: Neighbour | undefined): Readonly<Record<string, unknown>> {
  if (neighbour === undefined) return { state: 'absent' };
  const { lladdr, nud, managed, router, extern_learn, protocol } = neighbour;
  const proxy = params.proxy || undefined;
  const shown = { proxy, managed: managed || undefined, router: router || undefined };
  const more = { extern_learn: extern_learn || undefined, protocol };
  if (proxy || managed) return { state: 'present', ...shown, ...more };
  return { lladdr, state: nud?.toLowerCase(), ...shown, ...more };
}

async function readNeighbour(params: Params, host: Host): Promise<Neighbour | undefined> {
  const kind = params.proxy ? ['proxy'] : ['nud', 'all'];
  const args = ['neighbour', 'show', 'to', keyOf(params).dst, 'dev', params.dev, ...kind];
  const row = (await readRows(host, params.netns, args))[0];
  if (row === undefined) return undefined;
  const found = neighbourOf(row);
  // FAILED and INCOMPLETE entries say that the kernel asked in vain.
  return found.lladdr === undefined && !params.proxy && !found.managed ? undefined : found;
}

export const module = defineModule({
  name: 'neighbour',
  form: 'converge',
  summary: 'Sets or removes an entry of the neighbour table (ARP, NDP).',
  notes:
    'Flags and protocol that the task leaves open stay as they are. With `state: absent` and `lladdr` only an entry with that ' +
    'MAC is taken away, and what the kernel finds out in its place stays.',
  examples: [
    'neighbour:\n  dst: 172.16.91.101\n  lladdr: "02:00:00:00:00:01"\n  dev: br0',
    'neighbour:\n  dst: 172.16.91.102\n  dev: eth0\n  proxy: true',
    'neighbour:\n  dst: fd00::2\n  dev: eth0\n  managed: true',
    'neighbour:\n  dst: fd00::9\n  dev: ipvlan1\n  netns: ns01\n  state: absent',
  ],
  params: fields.superRefine(noneOf(contradictions)),

  needs: ({ managed, state }) => (managed && state !== 'absent' ? releaseNeeds('managed', '5.16') : []),

  objects: (params) => [neighbourObject(keyOf(params))],

  async read(params, host): Promise<Neighbour | undefined> {
    const found = await readNeighbour(params, host);
    if (found === undefined && params.state !== 'absent') await requireLink(host, params.netns, params.dev);
    return found;
  },

  plan(params, current): Plan {
    const key = keyOf(params);
    const object = neighbourObject(key);
    const before = view(params, current);
    if (params.state === 'absent') {
      const after = { state: 'absent' };
      if (current === undefined || isOther(params, current)) return { steps: [], before: after, after };
      const back = putBack(params, current);
      const undo = back === undefined ? [] : [back];
      return { steps: [{ object, action: deleteNeighbour(key), undo, removes: true }], before, after };
    }
    const wanted = wantedEntry(params, current);
    if (current !== undefined && satisfies(current, wanted)) return { steps: [], before, after: before };
    const undo = [putBack(params, current) ?? deleteNeighbour(key)];
    return { steps: [{ object, action: putNeighbour(key, wanted), undo }], before, after: view(params, wanted) };
  },
});
