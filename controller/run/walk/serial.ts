/**
 * Cuts a play's hosts into batches as Ansible does: sizes are taken in turn, the last one repeats; a percentage is of all
 * hosts, at least one. No sizes: one batch.
 */
export function serialBatches<T>(
  hosts: readonly T[],
  sizes: readonly (number | `${number}%`)[],
): readonly (readonly T[])[] {
  if (hosts.length === 0) return [];
  const counts = sizes.map((size) => batchSize(size, hosts.length));
  const batches: (readonly T[])[] = [];
  let start = 0;
  while (start < hosts.length) {
    const size = counts[Math.min(batches.length, counts.length - 1)] ?? hosts.length;
    batches.push(hosts.slice(start, start + size));
    start += size;
  }
  return batches;
}

function batchSize(size: number | `${number}%`, all: number): number {
  const wanted = typeof size === 'number' ? size : Math.floor((Number.parseFloat(size) / 100) * all);
  // Ansible: 0 (and a negative number) means everyone, but a percentage that rounds to nothing means one.
  if (wanted > 0) return wanted;
  return typeof size === 'number' ? all : 1;
}
