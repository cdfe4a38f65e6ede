import { OrchError } from '../../../proto/errors.ts';
import type { ReadingPlace } from './reading-place.ts';

/** How long one tool may take, ms. */
const toolMs = 10_000;

/** What a tool prints in a namespace. Throws OrchError 'command-failed' with the reason where there is none. */
export async function output({ host, netns }: ReadingPlace, argv: readonly string[], stdin?: string): Promise<string> {
  const result = await host.exec({ argv, netns, stdin }, { onlyReads: true, timeoutMs: toolMs });
  if (result.status === 0) return result.stdout;
  const name = argv[0] ?? '';
  // ip netns exec says it so, with status 255.
  if (/^exec of ".*" failed: No such file/.test(result.stderr)) throw unread(`the host has no ${name} command`);
  throw unread(result.timedOut ? `${name} did not end in time` : result.stderr.trim().slice(0, 500));
}

export function unread(summary: string): OrchError {
  return new OrchError({ code: 'command-failed', summary });
}
