import { OrchError } from '../../proto/errors.ts';
import type { ActingHost } from '../linux/acting-host.ts';
import type { Step } from '../modules/module.ts';
import { placed } from '../modules/shared/place.ts';
import { addedLinks } from './vanish.ts';

/**
 * The refusal of a pair of links, with the end whose name another link has already: the kernel only says that something
 * exists. Any other error as it is.
 */
export async function withTakenName(error: unknown, { action }: Step, host: Pick<ActingHost, 'ip'>): Promise<unknown> {
  const ends = addedLinks(action);
  const refused = error instanceof OrchError && error.code === 'command-failed' && /File exists/.test(error.summary);
  if (!refused || ends.length < 2) return error;
  for (const { netns, name } of ends) {
    const reply = await host.ip(['link', 'show', 'dev', name], netns);
    if (reply.rows.length === 0) continue;
    const others = ends.flatMap((end) => (end.name === name && end.netns === netns ? [] : placed(end.netns, end.name)));
    return new OrchError({
      code: 'command-failed',
      summary: `${placed(netns, name)} is there already, so it cannot be made as the other end of ${others.join(', ')}.`,
      detail: error.summary,
      hint: 'Choose another name for this end; or remove the link that has it, a pair by either end.',
      cause: error,
    });
  }
  return error;
}
