import type { Evidence, Place } from './evidence.ts';
import { arrives, holdersOf } from './facts.ts';
import { Segments } from './segment.ts';

/** True where the kernel of a stage has no way on, or sends the packet to a router that leads out of sight. */
export function goesAstray(evidence: Pick<Evidence, 'stages'>, index: number): boolean {
  const stage = evidence.stages[index];
  if (stage === undefined) return false;
  const { direction, lookup, to } = stage;
  if (lookup.refusal !== undefined) return lookup.refusal === 'Network is unreachable';
  const isLast = evidence.stages[index + 1]?.direction !== direction;
  return isLast && lookup.gateway !== undefined && lookup.gateway !== to && !arrives(evidence, direction);
}

/** The one device of a namespace that hears who has an address; undefined: none does, or several do. */
export function deviceTo({ places }: Pick<Evidence, 'places'>, place: Place, to: string): string | undefined {
  const holders = holdersOf({ places }, to);
  if (holders.length === 0) return undefined;
  const segments = new Segments(places);
  const [heard, ...more] = holders.flatMap((holder) => segments.heardIn(place, { ...holder.place, dev: holder.dev }));
  return more.length === 0 ? heard : undefined;
}
