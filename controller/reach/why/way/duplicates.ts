import type { Evidence, Place } from '../seen/evidence.ts';
import { type Departure, departures, type Holder, holdersOf, placeOf } from '../seen/facts.ts';
import { Segments } from './segment.ts';

/** A next hop that more than one namespace can take itself for. */
export interface Duplicate extends Departure {
  readonly sender: Place | undefined;
  readonly holders: readonly Holder[];
}

/** Of each step, who has the address of the next hop, where several do that the sender hears. */
export function duplicates(evidence: Evidence): readonly Duplicate[] {
  const segments = new Segments(evidence.places);
  return departures(evidence).flatMap((departure): readonly Duplicate[] => {
    const { stage, dev, nextHop } = departure;
    const sender = placeOf(evidence, stage);
    const holders = holdersOf(evidence, nextHop).filter(
      (holder) => holder.place !== sender && segments.hear({ ...stage, dev }, { ...holder.place, dev: holder.dev }),
    );
    const several = new Set(holders.map(({ place }) => place)).size > 1;
    return several ? [{ ...departure, sender, holders }] : [];
  });
}
