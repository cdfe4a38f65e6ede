import type { Host } from '../../../linux/host.ts';

/** The kernel's tables of neighbours, one a family, shared by all namespaces. */
const tables = { 4: 'arp_cache', 6: 'ndisc_cache' } as const;
type Family = keyof typeof tables;

const limitKey = (family: Family) => `net/ipv${family}/neigh/default/gc_thresh3`;

/** How often the table refused an entry because it was full, since boot; undefined when the kernel does not say. */
export async function tableFulls(host: Host, family: Family): Promise<number | undefined> {
  const result = await host.exec({ argv: ['ip', '-j', '-s', 'ntable', 'show', 'name', tables[family]] });
  const fulls = /"table_fulls":(\d+)/.exec(result.stdout)?.[1];
  return fulls === undefined ? undefined : Number(fulls);
}

/** The sentence for a table that overflowed while measuring. */
export function overflowText(family: Family, refused: number, raised: boolean): string {
  const key = limitKey(family).replaceAll('/', '.');
  const advice = raised ? `raise ${key} further` : `set raise_neighbour_limit, or raise ${key}`;
  return `the neighbour table was full (${refused} entries refused while measuring), so some unreachable cells may be reachable: ${advice}`;
}

/**
 * Makes room for `more` neighbours while `work` runs, then sets the limit back. Only the first namespace of a machine may:
 * elsewhere the key does not exist and `work` just runs.
 */
export async function withRaisedLimit<T>(
  host: Host,
  family: Family,
  more: number,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly raised: boolean }> {
  const before = await host.sysctl(limitKey(family));
  if (before === undefined) return { value: await work(), raised: false };
  const set = (value: string) => host.exec({ argv: ['tee', `/proc/sys/${limitKey(family)}`], stdin: value });
  const { status } = await set(String(Number(before) + 2 * more));
  try {
    return { value: await work(), raised: status === 0 };
  } finally {
    await set(before);
  }
}
