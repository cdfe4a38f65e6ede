/** Where an entry stands in a play: the index at each level of nesting. Earlier in the play sorts first. */
export type Position = readonly number[];

/** Negative when `a` comes before `b`; an outer entry comes before what is inside it. */
export function comparePositions(a: Position, b: Position): number {
  for (const [level, index] of a.entries()) {
    const other = b[level];
    if (other === undefined) return 1;
    if (index !== other) return index - other;
  }
  return a.length - b.length;
}
