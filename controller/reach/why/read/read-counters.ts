/**
 * Counters of /proc/net/snmp and netstat (pairs of lines: names, values) and of snmp6 (a name and a value in each line)
 * as `TcpExt.IPReversePathFilter`, `Ip.InDiscards`, `Ip6InNoRoutes`. Lines of another form are passed over.
 */
export function readCounters(...texts: readonly string[]): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  for (const text of texts) {
    let names: readonly string[] = [];
    for (const line of text.split('\n')) {
      const [head = '', ...words] = line.trim().split(/\s+/);
      if (!head.endsWith(':')) {
        if (/^\d+$/.test(words[0] ?? '')) counters.set(head, Number(words[0]));
      } else if (words.every((word) => /^-?\d+$/.test(word))) {
        for (const [index, word] of words.entries()) {
          const name = names[index];
          if (name !== undefined) counters.set(`${head.slice(0, -1)}.${name}`, Number(word));
        }
      } else names = words;
    }
  }
  return counters;
}

/** What grew, and by how much. */
export function grown(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...after].flatMap(([name, value]) => {
      const more = value - (before.get(name) ?? value);
      return more > 0 ? [[name, more]] : [];
    }),
  );
}
