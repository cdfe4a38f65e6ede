import type { Entry } from '../types.ts';

/** The handlers of an entry, each by itself, so that one can be notified without the others: an import brings several. */
export function eachHandler(entry: Entry): readonly Entry[] {
  if (entry.kind !== 'block') return [entry];
  return entry.block.flatMap(eachHandler).map((handler) => ({ ...entry, block: [handler], rescue: [], always: [] }));
}
