/** Characters that a part of JSON counts for beside its own: a mapping that is two takes as much memory. */
const partLength = 16;

/** Characters of all texts of an answer, and what the parts of JSON count for. */
export function lengthOf(answer: unknown): number {
  if (typeof answer === 'string') return answer.length + partLength * partsOf(answer);
  if (typeof answer !== 'object' || answer === null) return 0;
  return Object.values(answer).reduce<number>((sum, part) => sum + lengthOf(part), 0);
}

/** How many lists and mappings, and values beside others, JSON has at most: that they may stand in a text costs nobody much. */
function partsOf(json: string): number {
  let parts = 0;
  for (const mark of ',[{') for (let at = json.indexOf(mark); at >= 0; at = json.indexOf(mark, at + 1)) parts++;
  return parts;
}
