import { TraceLevel } from '../../../../../proto/gen/orch/v1/agent.ts';
import type { Binding } from '../../../../linux/trace/bpf.ts';
import { asOrchError } from '../../../steps/diagnostic.ts';
import type { Bound, Btf } from '../btf.ts';
import type { WatchedFlow } from '../flow.ts';
import { known, unknownParts, unsupported } from '../known.ts';
import type { PacketTrace } from '../packet-trace.ts';
import { drop, type Place, placesOf } from '../places.ts';
import { layoutOf } from './layout.ts';
import { baseBytes, baseProgram, pageBase } from './pages.ts';
import { dropArguments, dropProgram, type Parts, placeProgram, type Spot } from './program.ts';
import { readRecord, record } from './record.ts';

/** What the kernel runs programs for; each rejects with OrchError when it refuses. */
export interface Programs {
  createMap(kind: 'queue' | 'lru', keyBytes: number, valueBytes: number, entries: number): Promise<number>;
  constant(value: Buffer): Promise<number>;
  run(code: Buffer, binding: Binding): Promise<void>;
  ask(code: Buffer, bytes: number): Promise<Buffer>;
  take(queue: number, valueBytes: number, most: number): Promise<readonly Buffer[]>;
  close(): Promise<void>;
}

/** Most packets at places that are kept, and most packets that are known. */
const mostSeen = 8192;
const mostKnown = 1024;

/** A function's name, with nothing of its address (Documentation/core-api/printk-formats.rst). */
const symbolFormat = '%ps\0\0\0\0\0';

/** Runs programs at all places where packets of a flow go by. Rejects with OrchError where the kernel runs none. */
export async function armBpf(programs: Programs, flow: WatchedFlow, btf: Btf): Promise<PacketTrace> {
  const [base, seen, ofFlow, symbol] = await Promise.all([
    // Where it is not told, a header that lies in a page of its own is not read.
    programs.ask(baseProgram(), baseBytes).catch(() => undefined),
    programs.createMap('queue', 0, record.bytes, mostSeen),
    programs.createMap('lru', 8, 8, mostKnown),
    programs.constant(Buffer.from(symbolFormat)),
  ]);
  const layout = layoutOf(btf, base && pageBase(btf, base));
  const places = placesOf(flow);
  const names = [...places.map(({ event }) => event), drop.event];
  const arming = new Arming(programs, btf, { flow, layout, maps: { seen, known: ofFlow, symbol } }, names);
  const spots = [...spotsByWhere(places)];
  const passing = await Promise.all(spots.map(([where, there]) => arming.places(where, there)));
  // Without IP's own functions, that a packet was not seen would say nothing.
  const inFunctions = passing.filter((_one, index) => 'function' in (spots[index]?.[0] ?? {}));
  if (!inFunctions.includes(undefined)) throw unsupported(`bpf: ${inFunctions[0]}`);
  const lacking = [...passing, await arming.drops()].filter((one) => one !== undefined);
  return {
    ...{ level: TraceLevel.BPF, lacking, reasons: reasonsOf(btf) },
    collect: async () => {
      const records = await programs.take(seen, record.bytes, mostSeen);
      return {
        seen: records.flatMap((bytes) => readRecord(bytes, names) ?? []),
        lost: records.length < mostSeen ? undefined : `what was seen after ${mostSeen} packets was lost`,
      };
    },
    close: () => programs.close(),
  };
}

/** Each resolves with the place and the reason where it could not be had. */
class Arming {
  private readonly programs: Programs;
  private readonly btf: Btf;
  private readonly parts: Parts;
  private readonly names: readonly string[];

  constructor(programs: Programs, btf: Btf, parts: Parts, names: readonly string[]) {
    this.programs = programs;
    this.btf = btf;
    this.parts = parts;
    this.names = names;
  }

  places(where: Place['where'], spots: readonly Spot[]): Promise<string | undefined> {
    return this.lacking(spots.map(({ place }) => place.event).join(', '), () => {
      if ('tracepoint' in where) {
        const code = placeProgram(spots, 0, this.parts);
        return this.programs.run(code, { at: 'tracepoint', typeId: this.tracepoint(where.tracepoint[1], 1) });
      }
      const { id } = this.function(where.function);
      const code = placeProgram(spots, this.argument(where.function, where.packet), this.parts);
      return this.programs.run(code, { at: 'entry', typeId: id });
    });
  }

  drops(): Promise<string | undefined> {
    return this.lacking(drop.event, () => {
      const code = dropProgram(this.names.indexOf(drop.event), this.parts);
      const typeId = this.tracepoint(drop.tracepoint[1], dropArguments.reason + 1);
      return this.programs.run(code, { at: 'tracepoint', typeId });
    });
  }

  private async lacking(event: string, arm: () => Promise<void>): Promise<string | undefined> {
    try {
      await arm();
      return undefined;
    } catch (error) {
      return `${event}: ${asOrchError(error).summary}`;
    }
  }

  private function(name: string): Bound {
    return known(this.btf.function(name));
  }

  private argument(func: string, name: string): number {
    return known(this.btf.parameter(func, name)) - 1;
  }

  private tracepoint(name: string, parameters: number): number {
    const found = known(this.btf.tracepoint(name));
    if (found.parameters < parameters) throw unsupported(unknownParts);
    return found.id;
  }
}

/** Places that are one in the kernel, together. */
function spotsByWhere(places: readonly Place[]): ReadonlyMap<Place['where'], readonly Spot[]> {
  const spots = new Map<Place['where'], Spot[]>();
  for (const [number, place] of places.entries()) {
    const others = spots.get(place.where) ?? [];
    spots.set(place.where, [...others, { place, number }]);
  }
  return spots;
}

/** `SKB_DROP_REASON_IP_RPFILTER` is IP_RPFILTER (include/net/dropreason-core.h). */
function reasonsOf(btf: Btf): ReadonlyMap<number, string> {
  return new Map(
    [...btf.enumeration('skb_drop_reason')].map(([value, name]) => [value, name.replace(/^SKB_(DROP_REASON_)?/, '')]),
  );
}
