import { OrchError } from '../../../proto/errors.ts';
import { type Collected, TraceLevel, type Watch, type Watching } from '../../../proto/gen/orch/v1/agent.ts';
import type { NftMatches, NftTracer } from '../../linux/trace/nft-tracer.ts';
import type { Tracers } from '../../linux/trace/tracers.ts';
import { asOrchError } from '../steps/diagnostic.ts';
import { nftMatches, nftTraces } from './nft.ts';
import { armBpf } from './trace/bpf/arm-bpf.ts';
import { Btf } from './trace/btf.ts';
import { armEvents } from './trace/event-trace.ts';
import { type WatchedFlow, watchedFlow } from './trace/flow.ts';
import { follow } from './trace/follow.ts';
import type { PacketTrace } from './trace/packet-trace.ts';
import { Syntax } from './trace/syntax.ts';

/** What the kernel says of its types stays true while it runs, and takes a while to look through. */
let knownTypes: Btf | undefined;

/** Throws OrchError 'unsupported-by-host' where the kernel does not describe its types. */
async function typesOf(host: Tracers): Promise<Btf> {
  knownTypes ??= new Btf(await host.readBtf());
  return knownTypes;
}

/** Most events that are told: more are not one probe's. */
const mostEvents = 5000;

interface Armed {
  readonly flow: WatchedFlow;
  readonly trace: PacketTrace | undefined;
  readonly nft: readonly { readonly netns: string; readonly tracer: NftTracer }[];
}

/** What is armed for one stream, at most once at a time. */
export class ProbeWatch {
  private readonly host: Tracers;
  /** Never rejected. */
  private armed: Promise<Armed> | undefined;
  /** What was collected and is still to be taken away. */
  private spent: Spent | undefined;

  constructor(host: Tracers) {
    this.host = host;
  }

  /** Throws OrchError for a flow that no packet can be of; what the host does not offer is told as lacking. */
  async start({ flow: asked, nftNamespaces, translated }: Watch): Promise<Watching> {
    if (this.armed !== undefined) throw wrong('A watch is under way on this stream.', 'Collect it first.');
    const flow = watchedFlow(asked);
    const lacking: string[] = [];
    const behind = translated.map((one) => nftMatches(watchedFlow(one), ' limit rate 500/second'));
    this.armed = this.arm(flow, [nftMatches(flow), ...behind], nftNamespaces, lacking);
    const { trace } = await this.armed;
    return { level: trace?.level ?? TraceLevel.NONE, lacking };
  }

  /** Ends what is armed and tells what it saw; it is taken away a while later. Throws OrchError when nothing is. */
  async collect(ident: number): Promise<Collected> {
    const arming = this.armed;
    if (arming === undefined) throw wrong('No watch is under way on this stream.', 'Begin with one.');
    this.armed = undefined;
    const armed = await arming;
    const { flow, trace, nft } = armed;
    const lacking: string[] = [];
    try {
      const { seen = [], lost } = (await trace?.collect()) ?? {};
      if (lost !== undefined) lacking.push(lost);
      const events = follow(seen, { flow, ident, reasons: trace?.reasons ?? new Map() });
      if (events.length > mostEvents) lacking.push(`${events.length - mostEvents} later events are left out`);
      const traces = await eachNetns(nft, lacking, async ({ netns, tracer }) => {
        const { lines, lost } = await tracer.lines();
        if (lost) lacking.push(`nft in ${netns || 'the own namespace'}: some of what it did was lost`);
        return nftTraces(netns, tracer.table, lines, ident);
      });
      return { events: events.slice(0, mostEvents), nft: traces, lacking };
    } finally {
      this.spent = new Spent(armed);
    }
  }

  /** Resolves when nothing is left. */
  async close(): Promise<void> {
    const arming = this.armed;
    this.armed = undefined;
    await this.spent?.end();
    if (arming !== undefined) await disarm(await arming);
  }

  private async arm(
    flow: WatchedFlow,
    matches: readonly NftMatches[],
    namespaces: readonly string[],
    lacking: string[],
  ): Promise<Armed> {
    await this.spent?.end();
    const [nft, trace] = await Promise.all([
      this.startNft(matches, namespaces, lacking),
      this.startTrace(flow, lacking),
    ]);
    return { flow, nft, trace };
  }

  /** By the means that cost passing packets least, of those that this kernel offers. */
  private async startTrace(flow: WatchedFlow, lacking: string[]): Promise<PacketTrace | undefined> {
    for (const arm of [armByBpf, armByEvents]) {
      try {
        const trace = await arm(this.host, flow);
        lacking.push(...trace.lacking);
        return trace;
      } catch (error) {
        lacking.push(asOrchError(error).summary);
      }
    }
    return undefined;
  }

  private async startNft(
    matches: readonly NftMatches[],
    namespaces: readonly string[],
    lacking: string[],
  ): Promise<Armed['nft']> {
    return eachNetns(
      namespaces.map((netns) => ({ netns })),
      lacking,
      async ({ netns }) => {
        const tracer = await this.host.traceNft(netns || undefined, matches);
        return tracer === undefined ? [] : [{ netns, tracer }];
      },
    );
  }
}

/** What comes of namespaces, side by side; a reason why nothing does is told as lacking. */
async function eachNetns<Place extends { readonly netns: string }, Found>(
  places: readonly Place[],
  lacking: string[],
  find: (place: Place) => Promise<readonly Found[]>,
): Promise<Found[]> {
  const found = places.map(async (place) => {
    try {
      return await find(place);
    } catch (error) {
      lacking.push(`nft in ${place.netns || 'the own namespace'}: ${asOrchError(error).summary}`);
      return [];
    }
  });
  return (await Promise.all(found)).flat();
}

/** How long taking away waits, so that it is in the way of none of the questions that follow, ms. */
const restMs = 500;

/** Armed things that have told all: taken away after a rest, or when they are in the way. */
class Spent {
  private readonly timer: NodeJS.Timeout;
  private readonly armed: Armed;
  private ending: Promise<void> | undefined;

  constructor(armed: Armed) {
    this.armed = armed;
    this.timer = setTimeout(() => void this.end(), restMs);
  }

  /** Resolves when nothing is left. */
  end(): Promise<void> {
    clearTimeout(this.timer);
    this.ending ??= disarm(this.armed);
    return this.ending;
  }
}

async function disarm({ trace, nft }: Armed): Promise<void> {
  await Promise.all([trace?.close(), ...nft.map(({ tracer }) => tracer.close())]);
}

async function armByBpf(host: Tracers, flow: WatchedFlow): Promise<PacketTrace> {
  const programs = host.openBpf();
  try {
    return await armBpf(programs, flow, await typesOf(host));
  } catch (error) {
    await programs.close();
    throw error;
  }
}

async function armByEvents(host: Tracers, flow: WatchedFlow): Promise<PacketTrace> {
  const instance = host.openTrace();
  try {
    return armEvents(instance, flow, new Syntax(await typesOf(host)));
  } catch (error) {
    instance.close();
    throw error;
  }
}

function wrong(summary: string, hint: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary, hint });
}
