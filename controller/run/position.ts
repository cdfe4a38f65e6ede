/** Where an entry stands in a play: the index at each level of nesting. Earlier in the play sorts first. */
export type Position = readonly number[];

/** The same for the same place. */
export const positionKey = (position: Position): string => position.join('.');

/** True for what comes before a place of the play, or is that place; not for what is around it. */
export function isBehind(position: Position, place: Position): boolean {
  const isAround = position.length < place.length && position.every((index, level) => index === place[level]);
  return !isAround && comparePositions(position, place) <= 0;
}

/** Negative when `a` comes before `b`; an outer entry comes before what is inside it. */
export function comparePositions(a: Position, b: Position): number {
  for (const [level, index] of a.entries()) {
    const other = b[level];
    if (other === undefined) return 1;
    if (index !== other) return index - other;
  }
  return a.length - b.length;
}
