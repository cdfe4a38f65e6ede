import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../../linux/host.ts';
import { flag, rows, texts } from '../rows.ts';

/** Duplicate address detection takes up to 2 s (net.ipv6.conf.*.dad_transmits 1). */
const settleMs = 3000;
const lookMs = 100;

/**
 * Waits until no IPv6 address of these namespaces is tentative, which answers nobody (RFC 4862): a lab that has just been made is
 * measured as it will be.
 */
export async function settled(
  host: Host,
  places: readonly (string | undefined)[],
  { signal, forMs = settleMs }: { readonly signal: AbortSignal; readonly forMs?: number },
): Promise<void> {
  const until = performance.now() + forMs;
  let waiting = places;
  for (;;) {
    const looks = await Promise.all(waiting.map((netns) => isTentative(host, netns)));
    waiting = waiting.filter((_, index) => looks[index]);
    if (waiting.length === 0 || signal.aborted || performance.now() >= until) return;
    await sleep(lookMs);
  }
}

/** On a link without carrier it stays so. */
async function isTentative(host: Host, netns: string | undefined): Promise<boolean> {
  const links = (await host.ip(['-6', 'address', 'show', 'tentative'], netns)).rows;
  return links.some(
    (link) =>
      texts(link, 'flags').includes('LOWER_UP') && rows(link, 'addr_info').some((row) => !flag(row, 'dadfailed')),
  );
}
