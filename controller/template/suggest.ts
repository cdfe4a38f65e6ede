/** Edits (insert, delete, replace, swap of neighbours) that lead from a to b. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

const normal = (word: string) => word.toLowerCase().replaceAll('-', '_');

/**
 * The candidates that were probably meant by `word`, all that are as near as the nearest: at most a third of its letters differ
 * (case, '-' and '_' don't count). Words over 64 characters have no near ones.
 */
function nearestTo(word: string, candidates: Iterable<string>): readonly string[] {
  if (word.length > 64) return [];
  const wanted = normal(word);
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let nearest: string[] = [];
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - wanted.length) > limit) continue;
    const edits = distance(wanted, normal(candidate));
    if (edits > limit || edits >= wanted.length) continue;
    nearest = edits === limit ? [...nearest, candidate] : [candidate];
    limit = edits;
  }
  return nearest;
}

/** The first of the nearest candidates; undefined when none is near. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  return nearestTo(word, candidates)[0];
}

/** `did you mean 'x' or 'y'?` for a hint, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = [...new Set(nearestTo(word, candidates))].slice(0, 3).map((candidate) => `'${candidate}'`);
  return near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`;
}
