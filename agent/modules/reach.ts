import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule, type RunContext } from './module.ts';
import { inNetns, ipAddress } from './shared/fields.ts';
import { formatIp, parseIp } from './shared/ip-address.ts';
import { explain, type Measured, type Place, probe } from './shared/reach/measure.ts';
import { overflowText, tableFulls, withRaisedLimit } from './shared/reach/neighbour-table.ts';
import { settled } from './shared/reach/settle.ts';
import type { ProbeSettings } from './shared/reach/types.ts';

const mostTargets = 4096;

const fields = z.strictObject({
  probes: z
    .array(
      z.strictObject({
        netns: inNetns,
        source: ipAddress.optional().describe("Address to send from; default: the kernel's choice."),
        targets: z.array(ipAddress).min(1).max(mostTargets).describe('Addresses to ask.'),
      }),
    )
    .min(1)
    .max(mostTargets)
    .describe('Questions, one entry for each namespace.'),
  count: z.int().min(1).max(100).default(3).describe('Echo requests to each target; one answer is enough.'),
  timeoutMs: z.int().min(10).max(60_000).default(1000).describe('How long to wait for the last answer.'),
  size: z.int().min(0).max(65_487).optional().describe('Bytes of data in a request; default: 56.'),
  raiseNeighbourLimit: z.boolean().default(false).describe("Make room in the kernel's neighbour table meanwhile."),
});
type Params = z.infer<typeof fields>;

/** A place's outcome; `unknown`: its namespace is only promised by check mode. */
type Outcome = Measured | { readonly tool: 'none'; readonly unknown: true; readonly targets: readonly never[] };

/** Ends a place's measurement, once all places were probed. */
type Finish = (all: boolean) => Promise<Outcome>;

// Up to here the kernel is asked for the source address of every cell; in larger meshes for those that failed.
const fewCells = 512;

const fewNamespaces = 32;

/** Canonical and each once: the answers are told apart by address. */
function placeOf(probe: Params['probes'][number]): Place {
  const canonical = (text: string) => {
    const ip = parseIp(text);
    return ip === undefined ? text : formatIp(ip);
  };
  return { ...probe, targets: [...new Set(probe.targets.map(canonical))] };
}

async function probePlace(
  host: Host,
  place: Place,
  names: readonly string[],
  settings: ProbeSettings,
  context: RunContext,
): Promise<Finish> {
  const { netns, targets } = place;
  if (netns === undefined || names.includes(netns)) {
    // A signal of its own: hundreds of programs listening to one make Node warn of a leak.
    const probed = await probe(host, place, settings, AbortSignal.any([context.signal]));
    return (all) => explain(host, probed, { count: settings.count, all });
  }
  if (context.check && host.promised({ kind: 'netns', name: netns })) {
    return async () => ({ tool: 'none', unknown: true, targets: [] });
  }
  const message = `no netns ${netns}`;
  return async () => ({
    tool: 'none',
    targets: targets.map((address) => ({ address, observed: 'error', rttMs: null, message })),
  });
}

function overflow(before: number | undefined, after: number | undefined): number {
  return before === undefined || after === undefined ? 0 : after - before;
}

export const module = defineRunModule({
  name: 'reach',
  form: 'run',
  checkMode: 'run',
  summary: 'Measures which addresses answer, from one host and its namespaces.',
  notes:
    'One fping a namespace, all at once, so that everything that fails costs one timeout together. An address is `reached` when ' +
    'one answer came, `unreachable` when none did or the kernel has no way there, and `error` when the probe could not be sent: ' +
    'no such namespace, or a source address that is not there. IPv6 addresses that are tentative are waited for, up to 3 seconds. In meshes of more than 512 ' +
    'cells a host, `source` is given for cells that failed only.',
  examples: [
    'reach:\n  probes:\n    - targets: [172.16.91.2]\n    - netns: ns01\n      targets: [172.16.91.10, 172.16.91.14]\n  count: 1',
  ],
  params: fields,

  async run(params: Params, host, context) {
    const settings: ProbeSettings = { count: params.count, timeoutMs: params.timeoutMs, size: params.size };
    const places = params.probes.map(placeOf);
    const isV6 = (target: string) => target.includes(':');
    const asksV6 = places.some((place) => place.targets.some(isV6));
    const names = asksV6 || places.some((place) => place.netns !== undefined) ? await host.netnsNames() : [];
    const family = places.every((place) => place.targets.every(isV6)) ? 6 : 4;
    const probes = places.reduce((sum, place) => sum + place.targets.length, 0);

    if (asksV6) {
      const own = places.map(({ netns }) => netns).filter((netns) => netns === undefined || names.includes(netns));
      // Those between the ends count as well, where they are few enough to be looked at.
      await settled(host, names.length <= fewNamespaces ? [undefined, ...names] : own, context);
    }
    const all = () => Promise.all(places.map((place) => probePlace(host, place, names, settings, context)));
    const [before, { value: finish, raised }] = await Promise.all([
      tableFulls(host, family),
      params.raiseNeighbourLimit
        ? withRaisedLimit(host, family, probes, all)
        : all().then((value) => ({ value, raised: false })),
    ]);
    context.signal.throwIfAborted();

    // The kernel is asked when no program runs any more: the end of each makes the host forget what it knows of links.
    const outcomes = await Promise.all(finish.map((end) => end(probes <= fewCells)));
    const silent = outcomes.some(({ targets }) => targets.some(({ observed }) => observed === 'unreachable'));
    const refused = silent ? overflow(before, await tableFulls(host, family)) : 0;
    const warnings = [
      ...(outcomes.some(({ tool }) => tool === 'ping')
        ? ['fping is not installed: ping was used, which is slower']
        : []),
      ...(refused > 0 ? [overflowText(family, refused, raised)] : []),
    ];
    return {
      changed: false,
      result: { probes: outcomes.map((outcome, index) => ({ netns: places[index]?.netns, ...outcome })) },
      warnings,
    };
  },
});
