import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { folderOf, joined, tidy } from './path.ts';

/** As many links as the kernel follows (path_resolution(7)). */
const mostLinks = 40;

/** What a path leads to when its last name is a symbolic link; it need not be there. Undefined for a circle. */
export async function endOfLinks(host: Host, path: string): Promise<string | undefined> {
  let present = path;
  for (let links = 0; links <= mostLinks; links++) {
    const state = await host.stat(present);
    if (state?.kind !== 'symlink' || state.target === undefined) return present;
    present = state.target.startsWith('/') ? tidy(state.target) : joined(folderOf(present), state.target);
  }
  return undefined;
}

/** The same; throws OrchError for a circle. */
export async function behindLinks(host: Host, path: string): Promise<string> {
  const end = await endOfLinks(host, path);
  if (end !== undefined) return end;
  throw new OrchError({ code: 'task-failed', summary: `${path} leads through more than ${mostLinks} symbolic links.` });
}
