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
  return write({ ...value, diff: undefined, args: undefined, result: { msg } });
}

function written(value: object, write: (value: unknown) => string): string | undefined {
  try {
    return write(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
