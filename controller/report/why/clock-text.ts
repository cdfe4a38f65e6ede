import { cleanLine } from '../clean.ts';
import type { WhyReport } from './why-types.ts';

/** Names the hosts whose hops follow each other more closely than their clocks can be compared; empty: none. */
export function clockText({ way, watched }: Pick<WhyReport, 'way' | 'watched'>): string {
  const errorOf = (name: string) => watched.find(({ host }) => host === name)?.clockErrorUs ?? 0;
  const unsure = way.flatMap((hop, index) => {
    const before = way[index - 1];
    if (before?.us === undefined || hop.us === undefined || before.host === hop.host) return [];
    const errorUs = errorOf(before.host) + errorOf(hop.host);
    return hop.us - before.us < errorUs ? [{ hosts: [before.host, hop.host], errorUs }] : [];
  });
  if (unsure.length === 0) return '';
  const hosts = [...new Set(unsure.flatMap((pair) => pair.hosts))].sort();
  const worstMs = Math.max(...unsure.map(({ errorUs }) => errorUs)) / 1000;
  const names = `${hosts.slice(0, -1).join(', ')} and ${hosts.at(-1)}`;
  return `times of ${cleanLine(names)} are sure to ${worstMs.toFixed(2)} ms against each other, which is more than some hops are apart`;
}
