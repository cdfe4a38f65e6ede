import { OrchError } from '../../../../proto/errors.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { folderOf, joined, tidy } from './path.ts';

/** As many links as the kernel follows (path_resolution(7)). */
const mostLinks = 40;

interface End {
  readonly path: string;
  /** Of what is there. */
  readonly state: FileState | undefined;
  /** Users other than root whose links lead there. */
  readonly makers: readonly number[];
}

async function follow(host: Host, path: string): Promise<End | undefined> {
  let present = path;
  const makers: number[] = [];
  for (let links = 0; links <= mostLinks; links++) {
    const state = await host.stat(present);
    if (state?.kind !== 'symlink' || state.target === undefined) return { path: present, state, makers };
    if (state.maker !== undefined) makers.push(state.maker);
    present = state.target.startsWith('/') ? tidy(state.target) : joined(folderOf(present), state.target);
  }
  return undefined;
}

/** A user whose link leads to what is not that user's, or would come into another's folder. */
async function strayed(host: Host, { path, state, makers }: End): Promise<number | undefined> {
  if (makers.length === 0) return undefined;
  const owner = (state ?? (await host.stat(joined(folderOf(path), '.'))))?.uid;
  return makers.find((maker) => maker !== owner);
}

/** What a path leads to when its last name is a symbolic link; it need not be there. Undefined for a circle. */
export async function endOfLinks(host: Host, path: string): Promise<string | undefined> {
  return (await follow(host, path))?.path;
}

/** The same, and undefined for where root must not be led to: see safe-path.ts. */
export async function trustedEnd(host: Host, path: string): Promise<string | undefined> {
  const end = await follow(host, path);
  return end && (await strayed(host, end)) === undefined ? end.path : undefined;
}

/** What a path leads to, for those who only look; throws OrchError for a circle. */
export async function behindLinks(host: Host, path: string): Promise<string> {
  return (await follow(host, path))?.path ?? failCircle(path);
}

/** The same for those who work on it; throws OrchError for where root must not be led to, too. */
export async function behindTrustedLinks(host: Host, path: string): Promise<string> {
  const end = (await follow(host, path)) ?? failCircle(path);
  const maker = await strayed(host, end);
  if (maker === undefined) return end.path;
  const summary = `${path} leads through a link of user ${maker} to ${end.path}, which is not that user's.`;
  throw new OrchError({ code: 'task-failed', summary, hint: 'Say the path that it leads to.' });
}

function failCircle(path: string): never {
  throw new OrchError({ code: 'task-failed', summary: `${path} leads through more than ${mostLinks} symbolic links.` });
}
