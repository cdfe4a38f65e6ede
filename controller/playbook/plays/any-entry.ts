import type { Entry } from '../types.ts';

/** Whether something holds of an entry or of one inside it; what an include brings is looked at where it is known. */
export function anyEntry(entries: readonly Entry[], holds: (entry: Entry) => boolean): boolean {
  return entries.some((entry) => holds(entry) || anyEntry(inside(entry), holds));
}

function inside(entry: Entry): readonly Entry[] {
  if (entry.kind === 'block') return [...entry.block, ...entry.rescue, ...entry.always];
  return entry.kind === 'include' ? (entry.entries ?? []) : [];
}
