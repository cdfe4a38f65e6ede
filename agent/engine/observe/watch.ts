import { OrchError } from '../../../proto/errors.ts';
import { type Collected, TraceLevel, type Watch, type Watching } from '../../../proto/gen/orch/v1/agent.ts';
import type { NftTracer } from '../../linux/trace/nft-tracer.ts';
import type { TraceInstance } from '../../linux/trace/trace-instance.ts';
import type { Tracers } from '../../linux/trace/tracers.ts';
import { asOrchError } from '../diagnostic.ts';
import { nftMatches, nftTraces } from './nft.ts';
import { armTrace } from './trace/arm-trace.ts';
import { Btf } from './trace/btf.ts';
import { type WatchedFlow, watchedFlow } from './trace/flow.ts';
import { follow } from './trace/follow.ts';
import { symbolsOf } from './trace/format.ts';
import { lostEvents, parseTrace } from './trace/line.ts';
import { drop } from './trace/places.ts';
import { Syntax } from './trace/syntax.ts';

/** What the kernel says of its types stays true while it runs, and takes a while to look through. */
let knownSyntax: Syntax | undefined;

/** Throws OrchError 'unsupported-by-host' where the kernel does not describe its types. */
async function syntaxOf(host: Tracers): Promise<Syntax> {
  knownSyntax ??= new Syntax(new Btf(await host.readBtf()));
  return knownSyntax;
}

/** Most events that are told: more are not one probe's. */
const mostEvents = 5000;

interface Armed {
  readonly flow: WatchedFlow;
  readonly level: TraceLevel;
  readonly instance: TraceInstance | undefined;
  readonly reasons: ReadonlyMap<number, string>;
  readonly nft: readonly { readonly netns: string; readonly tracer: NftTracer }[];
}

type StartedTrace = Pick<Armed, 'instance' | 'reasons' | 'level'>;

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
  async start({ flow: asked, nftNamespaces }: Watch): Promise<Watching> {
    if (this.armed !== undefined) throw wrong('A watch is under way on this stream.', 'Collect it first.');
    const flow = watchedFlow(asked);
    const lacking: string[] = [];
    this.armed = this.arm(flow, nftNamespaces, lacking);
    const { level } = await this.armed;
    return { level, lacking };
  }

  /** Ends what is armed and tells what it saw; it is taken away a while later. Throws OrchError when nothing is. */
  async collect(ident: number): Promise<Collected> {
    const arming = this.armed;
    if (arming === undefined) throw wrong('No watch is under way on this stream.', 'Begin with one.');
    this.armed = undefined;
    const armed = await arming;
    const { flow, instance, reasons, nft } = armed;
    const lacking: string[] = [];
    try {
      const text = instance?.stop() ?? '';
      const lost = lostEvents(text);
      if (lost > 0) lacking.push(`${lost} events of the kernel's tracing were lost, because its buffers were full`);
      const events = follow(parseTrace(text), { flow, ident, reasons });
      if (events.length > mostEvents) lacking.push(`${events.length - mostEvents} later events are left out`);
      const traces = await Promise.all(
        nft.map(async ({ netns, tracer }) => nftTraces(netns, tracer.table, await tracer.lines(), ident)),
      );
      return { events: events.slice(0, mostEvents), nft: traces.flat(), lacking };
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

  private async arm(flow: WatchedFlow, namespaces: readonly string[], lacking: string[]): Promise<Armed> {
    await this.spent?.end();
    const [nft, trace] = await Promise.all([this.startNft(flow, namespaces, lacking), this.startTrace(flow, lacking)]);
    return { flow, nft, ...trace };
  }

  private async startTrace(flow: WatchedFlow, lacking: string[]): Promise<StartedTrace> {
    const none = { instance: undefined, reasons: new Map(), level: TraceLevel.NONE } as const;
    let instance: TraceInstance | undefined;
    try {
      instance = this.host.openTrace();
      const syntax = await syntaxOf(this.host);
      const { level, lacking: more } = armTrace(instance, flow, syntax);
      lacking.push(...more);
      if (level === TraceLevel.NONE) {
        instance.close();
        return none;
      }
      const reasons = symbolsOf(instance.format(...drop.tracepoint), 'reason');
      instance.start();
      return { instance, reasons, level };
    } catch (error) {
      instance?.close();
      lacking.push(asOrchError(error).summary);
      return none;
    }
  }

  private async startNft(flow: WatchedFlow, namespaces: readonly string[], lacking: string[]): Promise<Armed['nft']> {
    const started = namespaces.map(async (netns) => {
      try {
        const tracer = await this.host.traceNft(netns || undefined, nftMatches(flow));
        return tracer === undefined ? [] : [{ netns, tracer }];
      } catch (error) {
        lacking.push(`nft in ${netns || 'the own namespace'}: ${asOrchError(error).summary}`);
        return [];
      }
    });
    return (await Promise.all(started)).flat();
  }
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

async function disarm({ instance, nft }: Armed): Promise<void> {
  instance?.close();
  await Promise.all(nft.map(({ tracer }) => tracer.close()));
}

function wrong(summary: string, hint: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary, hint });
}
