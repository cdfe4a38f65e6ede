import { isScalar, parseDocument } from 'yaml';
import type { Path } from '../source/located.ts';
import { type Migration, taskText } from './migrate.ts';

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Whether a migration is one that its file can be changed by, without a person's look at it. */
export function isWritable({ becomes, reason, task: { said } }: Migration): boolean {
  return becomes.length === 1 && reason === undefined && typeof said?.path.at(-1) === 'string';
}

/** The text of a playbook with tasks in the place of commands; all else stays as it is, comments too. */
export function rewritten(text: string, migrations: readonly Migration[]): string {
  const document = parseDocument(text);
  const edits = migrations.flatMap(({ task: { said }, becomes: [task] }): readonly Edit[] => {
    const range = said && task && rangeOf(document, said.path);
    if (range === undefined || task === undefined) return [];
    // The value of a block ends behind its last newline, which stays.
    const to = range.from + text.slice(range.from, range.to).trimEnd().length;
    return [{ from: range.from, to, text: taskText(task) }];
  });
  return edits
    .toSorted((one, other) => other.from - one.from)
    .reduce((whole, { from, to, text: now }) => whole.slice(0, from) + now + whole.slice(to), text);
}

/** From the beginning of a mapping's key to the end of its value. */
function rangeOf(document: ReturnType<typeof parseDocument>, path: Path): Pick<Edit, 'from' | 'to'> | undefined {
  const mapping = document.getIn(path.slice(0, -1), true);
  if (typeof mapping !== 'object' || mapping === null || !('items' in mapping) || !Array.isArray(mapping.items))
    return undefined;
  for (const { key, value } of mapping.items) {
    if (!isScalar(key) || key.value !== path.at(-1)) continue;
    const [from, to] = [key.range?.[0], value?.range?.[1]];
    return typeof from === 'number' && typeof to === 'number' ? { from, to } : undefined;
  }
  return undefined;
}
