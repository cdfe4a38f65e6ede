/** Characters of an event or a record of a task as JSON. */
const most = 32 * 1024 * 1024;

/**
 * An event or a record as JSON that `write` makes. One that is longer, or longer than a text can be, goes without what a host
 * said: who holds a host would else end the run of all.
 */
export function boundedJson(value: object, write: (value: unknown) => string): string {
  const json = written(value, write);
  if (json !== undefined && json.length <= most) return json;
  const msg = `left out here: as JSON it has more than ${most} characters`;
  return write({ ...withShortTexts({ ...value }), diff: undefined, args: undefined, result: { msg } });
}

/** Characters of a text, and texts of a list, where all of them together are too long. */
const [longest, mostTexts] = [2000, 100];

/** An event or record without what a host said at length: its words, warnings and failure. */
function withShortTexts({ diff: _, args: __, result: ___, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, shortened(part)]));
}

function shortened(part: unknown): unknown {
  if (typeof part === 'string') return part.slice(0, longest);
  if (Array.isArray(part)) return part.slice(0, mostTexts).map(shortened);
  return typeof part === 'object' && part !== null ? withShortTexts({ ...part }) : part;
}

function written(value: object, write: (value: unknown) => string): string | undefined {
  try {
    return write(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
