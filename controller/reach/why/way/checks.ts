import type { Evidence, Lookup, Stage } from '../seen/evidence.ts';

/** A packet at a device whose source is checked there. */
export interface Check {
  readonly stage: number;
  readonly direction: Stage['direction'];
  readonly host: string;
  readonly netns: string;
  readonly dev: string;
  readonly from: string;
  readonly to: string;
  readonly lookup: Lookup;
  readonly back?: Lookup | undefined;
  /** The question for an address's MAC: it is checked the same way, and leaves neither an event nor a count. */
  readonly arp: boolean;
}

/** Every such check on the way. */
export function checksOf({ stages }: Evidence): readonly Check[] {
  return stages.flatMap((stage, index): readonly Check[] => {
    const { direction, from, to } = stage;
    const own: readonly Check[] =
      stage.iif === undefined ? [] : [{ ...stage, stage: index, dev: stage.iif, arp: false }];
    const nextHop = stage.lookup.gateway ?? to;
    const asked = stage.asked.map(
      (at): Check => ({ ...at, stage: index, direction, dev: at.iif, from, to: nextHop, arp: true }),
    );
    return [...own, ...asked];
  });
}
