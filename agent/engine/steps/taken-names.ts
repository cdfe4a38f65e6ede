import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Step } from '../../modules/module.ts';
import { placed } from '../../modules/shared/place.ts';
import { addedLinks, isSame, type LinkName } from './vanish.ts';

/** A task that would be refused by `withTakenName`, were it carried out: throws that. `made`: links that tasks before it would make. */
export async function refuseTakenNames(
  steps: readonly Step[],
  made: readonly LinkName[],
  host: Pick<ActingHost, 'ip'>,
): Promise<void> {
  for (const { action } of steps) {
    const ends = addedLinks(action);
    const [own] = ends;
    // A pair that is there by then would be changed, or replaced.
    if (ends.length < 2 || made.some((link) => isSame(own, link))) continue;
    const taken = await takenOf(ends, made, host);
    if (taken !== undefined) throw taken;
  }
}

/**
 * The refusal of a pair of links, with the end whose name another link has already: the kernel only says that something
 * exists. Any other error as it is.
 */
export async function withTakenName(error: unknown, { action }: Step, host: Pick<ActingHost, 'ip'>): Promise<unknown> {
  const ends = addedLinks(action);
  const refused = error instanceof OrchError && error.code === 'command-failed' && /File exists/.test(error.summary);
  if (!refused || ends.length < 2) return error;
  return (await takenOf(ends, [], host, error)) ?? error;
}

async function takenOf(
  ends: readonly LinkName[],
  made: readonly LinkName[],
  host: Pick<ActingHost, 'ip'>,
  cause?: OrchError,
): Promise<OrchError | undefined> {
  for (const end of ends) {
    const isThere = made.some((link) => isSame(link, end)) || (await exists(end, host));
    if (!isThere) continue;
    const others = ends.flatMap((each) => (isSame(each, end) ? [] : placed(each.netns, each.name)));
    return new OrchError({
      code: 'command-failed',
      summary: `${placed(end.netns, end.name)} is there already, so it cannot be made as the other end of ${others.join(', ')}.`,
      detail: cause?.summary,
      hint: 'Choose another name for this end; or remove the link that has it, a pair by either end.',
      cause,
    });
  }
  return undefined;
}

async function exists({ netns, name }: LinkName, host: Pick<ActingHost, 'ip'>): Promise<boolean> {
  return (await host.ip(['link', 'show', 'dev', name], netns)).rows.length > 0;
}
