import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { text } from '../rows.ts';

/** How the kernel would send to an address: its source address, or the words in which it refuses. */
export type KernelRoute = { readonly source: string | undefined } | { readonly refusal: string };

/** Asks the kernel (`ip route get`) for the way to an address. */
export async function kernelRoute(
  host: Pick<Host, 'ip'>,
  netns: string | undefined,
  address: string,
  source: string | undefined,
): Promise<KernelRoute> {
  try {
    const args = ['route', 'get', address, ...(source === undefined ? [] : ['from', source])];
    const [row] = (await host.ip(args, netns)).rows;
    return { source: source ?? (row === undefined ? undefined : text(row, 'prefsrc')) };
  } catch (error) {
    const refusal = routeRefusal(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

/** The kernel's words in a failure of `ip route get`; undefined for a defect of ours. */
export function routeRefusal(error: unknown): string | undefined {
  if (!(error instanceof OrchError)) return undefined;
  const [, words] = /RTNETLINK answers: (.+)/.exec(`${error.summary}\n${error.detail ?? ''}`) ?? [];
  return words ?? error.summary;
}

/** What the kernel's error for a route means (net/ipv4/fib_semantics.c, fib_props). */
const meanings: Readonly<Record<string, string>> = {
  'Network is unreachable': 'no route',
  'Invalid argument': 'a blackhole route',
  'No route to host': 'an unreachable route',
  'Permission denied': 'a prohibit route',
};

/** The refusal in the kernel's words and ours. */
export function refusalText(refusal: string): string {
  const meaning = meanings[refusal];
  return meaning === undefined ? refusal : `${refusal} (${meaning})`;
}
