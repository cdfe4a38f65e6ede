import { TraceLevel } from '../../../../proto/gen/orch/v1/agent.ts';
import { definition, dropDefinition, type Form } from './definition.ts';
import { filterOf } from './filter.ts';
import type { WatchedFlow } from './flow.ts';
import { unknownParts } from './known.ts';
import { drop, type Place, placesOf } from './places.ts';
import type { Syntax } from './syntax.ts';

/** An own instance of the kernel's tracing; answers are the kernel's reasons for a refusal. */
export interface Tracing {
  readonly group: string;
  define(event: string, line: string): string | undefined;
  undefine(event: string): void;
  filter(event: string, filter: string): string | undefined;
}

export interface ArmedTrace {
  readonly level: TraceLevel;
  /** What could not be had, and why. */
  readonly lacking: readonly string[];
}

/** Best first: to make events of the function tracer takes the kernel ten times as long (6.12). */
const levels = [
  { form: 'kprobe', level: TraceLevel.KPROBE },
  { form: 'fprobe', level: TraceLevel.FPROBE },
] as const;

/** Makes the events of the best level that this kernel offers, each with its filter. */
export function armTrace(tracing: Tracing, flow: WatchedFlow, syntax: Syntax): ArmedTrace {
  const lacking: string[] = [];
  for (const { form, level } of levels) {
    const tried = tryLevel(tracing, flow, form, syntax);
    if ('armed' in tried) return { level, lacking: [...lacking, ...tried.armed] };
    lacking.push(`${form}: ${tried.reason}`);
  }
  return { level: TraceLevel.NONE, lacking };
}

type Tried = { readonly armed: readonly string[] } | { readonly reason: string };

function tryLevel(tracing: Tracing, flow: WatchedFlow, form: Form, syntax: Syntax): Tried {
  const lacking: string[] = [];
  const [first, ...others] = placesOf(flow);
  // A kernel that takes one of them takes this kind of event.
  const reason = first && arm(tracing, flow, first, form, syntax);
  if (reason !== undefined) return { reason };
  for (const place of others) {
    const refused = arm(tracing, flow, place, form, syntax);
    if (refused !== undefined) lacking.push(`${place.event}: ${refused}`);
  }
  const dropLine = dropDefinition(tracing.group, form, syntax);
  const noDrop = dropLine === undefined ? unknownParts : tracing.define(drop.event, dropLine);
  if (noDrop !== undefined) lacking.push(`${drop.event}: ${noDrop}`);
  return { armed: lacking };
}

function arm(tracing: Tracing, flow: WatchedFlow, place: Place, form: Form, syntax: Syntax): string | undefined {
  const line = definition(tracing.group, place, flow.family, form, syntax);
  if (line === undefined) return unknownParts;
  const refused = tracing.define(place.event, line);
  if (refused !== undefined) return refused;
  const noFilter = tracing.filter(place.event, filterOf(place, flow));
  // Without it, it would tell of all packets.
  if (noFilter !== undefined) tracing.undefine(place.event);
  return noFilter;
}
