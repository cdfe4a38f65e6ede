/** What `ip` takes to work on one address family. */
export function familyArg(family: 4 | 6): string[] {
  return family === 6 ? ['-6'] : [];
}

/** A key and its value, or nothing. */
export function option(key: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [key, String(value)];
}
