import { type FilePlace, OrchError } from '../../proto/errors.ts';

let tell: ((warning: string) => void) | undefined;
const told = new Set<string>();

/** From here on a key that stands twice in one mapping is no error: its last value counts, and `by` is told so, once for each. */
export function allowDoubledKeys(by: (warning: string) => void): void {
  tell = by;
}

/** What is wrong with a key that stands twice in one mapping; undefined where that is allowed, and has been told. */
export function doubledKey(name: string, first: FilePlace, where: FilePlace): OrchError | undefined {
  if (tell === undefined) {
    return new OrchError({
      code: 'yaml-duplicate-key',
      summary: `the key "${name}" stands twice in one mapping`,
      detail: `it is first set in line ${first.line}`,
      where,
    });
  }
  const place = `${where.file}:${where.line}:${where.column}`;
  const warning = `Found duplicate mapping key '${name}' (${place}): its last value counts, not that of line ${first.line}`;
  if (!told.has(warning)) tell(warning);
  told.add(warning);
  return undefined;
}
