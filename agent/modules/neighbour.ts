import * as z from 'zod';
import { defineModule, type Plan } from './module.ts';
import { inNetns, ipAddress, linkName, macAddress } from './shared/fields.ts';
import { formatIp, parseIp } from './shared/ip-address.ts';
import { placed, readRows, requireLink } from './shared/place.ts';
import { text, texts } from './shared/rows.ts';

const fields = z.strictObject({
  dst: ipAddress.describe('Address of the neighbour.'),
  lladdr: macAddress.optional().describe('Its MAC address; needed unless absent.'),
  dev: linkName.describe('Link that it is behind.'),
  state: z
    .enum(['present', 'absent', 'permanent', 'noarp', 'reachable', 'stale'])
    .default('present')
    .describe('permanent stays until removed, reachable and stale age; present is permanent.'),
  netns: inNetns,
});
type Params = z.infer<typeof fields>;

interface Current {
  readonly lladdr: string;
  /** The kernel's word: PERMANENT, NOARP, REACHABLE, STALE, DELAY, PROBE. */
  readonly nud: string;
}

/** States that the kernel moves an ageing entry through by itself. */
const ageing = ['REACHABLE', 'STALE', 'DELAY', 'PROBE'];

function dstOf(params: Params): string {
  const ip = parseIp(params.dst);
  return ip === undefined ? params.dst : formatIp(ip);
}

function entry(params: Params, lladdr: string, nud: string) {
  const args = ['neighbour', 'replace', dstOf(params), 'lladdr', lladdr, 'dev', params.dev, 'nud', nud.toLowerCase()];
  return { op: 'ip', netns: params.netns, args } as const;
}

function removal(params: Params) {
  return { op: 'ip', netns: params.netns, args: ['neighbour', 'delete', dstOf(params), 'dev', params.dev] } as const;
}

/** Puts back what was there; an entry that the kernel learned is left for it to learn again. */
function putBack(params: Params, current: Current | undefined) {
  if (current === undefined || ageing.includes(current.nud)) return undefined;
  return entry(params, current.lladdr, current.nud);
}

function sameState(wanted: string, present: string): boolean {
  return ageing.includes(wanted) ? ageing.includes(present) : wanted === present;
}

function view(current: Current | undefined) {
  return current === undefined ? { state: 'absent' } : { lladdr: current.lladdr, state: current.nud.toLowerCase() };
}

function planAbsent(params: Params, current: Current | undefined, object: string): Plan {
  const after = { state: 'absent' };
  if (current === undefined) return { steps: [], before: after, after };
  const back = putBack(params, current);
  const undo = back === undefined ? [] : [back];
  return { steps: [{ object, action: removal(params), undo, removes: true }], before: view(current), after };
}

export const module = defineModule({
  name: 'neighbour',
  form: 'converge',
  summary: 'Sets or removes an entry of the neighbour table (ARP, NDP).',
  examples: [
    'neighbour:\n  dst: 172.16.91.101\n  lladdr: "02:00:00:00:00:01"\n  dev: br0',
    'neighbour:\n  dst: fd00::9\n  dev: ipvlan1\n  netns: ns01\n  state: absent',
  ],
  params: fields.superRefine((params, context) => {
    if (params.state === 'absent' || params.lladdr !== undefined) return;
    context.addIssue({ code: 'custom', path: ['lladdr'], message: 'say the MAC address of the neighbour' });
  }),

  async read(params, host): Promise<Current | undefined> {
    const args = ['neighbour', 'show', 'to', dstOf(params), 'dev', params.dev, 'nud', 'all'];
    const row = (await readRows(host, params.netns, args))[0];
    const lladdr = row && text(row, 'lladdr');
    const nud = row && texts(row, 'state')[0];
    // FAILED and INCOMPLETE entries say that the kernel asked in vain.
    if (lladdr !== undefined && nud !== undefined) return { lladdr, nud };
    if (params.state !== 'absent') await requireLink(host, params.netns, params.dev);
    return undefined;
  },

  plan(params, current) {
    const object = `neighbour ${dstOf(params)} on ${placed(params.netns, params.dev)}`;
    if (params.state === 'absent') return planAbsent(params, current, object);
    const lladdr = (params.lladdr ?? '').toLowerCase();
    const nud = params.state === 'present' ? 'PERMANENT' : params.state.toUpperCase();
    if (current?.lladdr === lladdr && sameState(nud, current.nud)) {
      return { steps: [], before: view(current), after: view(current) };
    }
    const undo = [putBack(params, current) ?? removal(params)];
    return {
      steps: [{ object, action: entry(params, lladdr, nud), undo }],
      before: view(current),
      after: view({ lladdr, nud }),
    };
  },
});
