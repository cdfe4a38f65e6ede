/** Names of numbers in an event's `format` file: `{ 15, "IP_RPFILTER" }` of __print_symbolic for one field. */
export function symbolsOf(format: string, field: string): ReadonlyMap<number, string> {
  const start = format.indexOf(`__print_symbolic(REC->${field},`);
  if (start < 0) return new Map();
  const pairs = format.slice(start).matchAll(/\{\s*(\d+|0x[0-9a-f]+),\s*"([A-Z0-9_]+)"\s*\}(,\s*|\s*\))/gi);
  const found = new Map<number, string>();
  for (const [, number, name = '', end = ''] of pairs) {
    found.set(Number(number), name);
    if (end.includes(')')) break;
  }
  return found;
}
