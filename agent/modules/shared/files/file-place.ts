import { OrchError } from '../../../../proto/errors.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { mayBeMade } from '../../module.ts';
import { taskFailed } from '../programs.ts';
import { type FileParams, pathOf } from './file-params.ts';
import { judgedEnd } from './links.ts';
import { modeText } from './mode.ts';
import type { Ids } from './owner.ts';
import { baseName, folderOf, joined } from './path.ts';

/** What a link is to lead to, and whether it does. */
export async function readLink(
  params: FileParams,
  wanted: FileParams['state'],
  host: Host,
  state: FileState | undefined,
) {
  const src = params.src ?? state?.target ?? '';
  const own = pathOf(params);
  const path = src.startsWith('/') ? src : joined(folderOf(own), src);
  // Whose link it is itself counts, too, where the task does not say what it leads to.
  const first = wanted === 'link' && params.src === undefined ? own : path;
  const found = params.follow ? await judgedEnd(host, first) : { path, state: await host.stat(path), stray: undefined };
  const end = found?.state && { path: found.path, state: found.state };
  const stray = found?.stray;
  if (wanted === 'link') return { linked: state?.kind === 'symlink' && state.target === src, end, stray };
  const linked = state?.inode !== undefined && state.inode === end?.state.inode;
  return { linked, end: end?.state.kind === 'file' ? end : undefined, stray };
}

/** What can't be made, in Ansible's words: a link to nothing, or a file in no folder. */
export async function refuseVain(
  { src }: FileParams,
  wanted: FileParams['state'],
  path: string,
  host: Host,
): Promise<void> {
  if (wanted === 'link' && src === undefined)
    throw taskFailed('src is required for creating new symlinks', 'Say what it points at.', {});
  const folder = folderOf(path);
  if (wanted !== 'touch' || mayBeMade(folder, host)) return;
  if ((await host.stat(`${folder}/.`)) === undefined)
    throw taskFailed('Error, could not touch target.', `A file task before this one makes ${folder}.`, {
      path,
    });
}

/** Does its work; a failure tells the path, as results of `file` in Ansible do, unless it tells something else. */
export function telling<T>(path: string, work: () => T): T {
  const told = (error: unknown): never => {
    if (!(error instanceof OrchError) || error.result !== undefined) throw error;
    throw new OrchError({ ...error, summary: error.summary, result: { path } });
  };
  try {
    const done = work();
    return done instanceof Promise ? (done.catch(told) as T) : done;
  } catch (error) {
    return told(error);
  }
}

/** As in Ansible, what lies in a folder that the task's user may not look into counts as removed. */
function whereHidden(error: unknown, state: FileParams['state']): undefined {
  const cause = error instanceof OrchError ? error.cause : undefined;
  if (state !== 'absent' || !(cause instanceof Error && 'code' in cause && cause.code === 'EACCES')) throw error;
}

/** The path, or in a folder that is there the name of what a hard link is to lead to, as Ansible has it. */
export async function lookedAt(params: FileParams, host: Host) {
  const own = pathOf(params);
  const there = await host.stat(own).catch((error: unknown) => whereHidden(error, params.state));
  if (params.state !== 'hard' || params.src === undefined || there?.kind !== 'directory') return { own, there };
  const inside = joined(own, baseName(params.src));
  return { own: inside, there: await host.stat(inside) };
}

/** Where no state is asked for, a link is asked about as such, and with `src` one of a file's names. */
export function linkThere({ src }: FileParams, there: FileState | undefined): FileParams['state'] {
  if (there?.kind === 'symlink') return 'link';
  if (src === undefined) return undefined;
  if (there?.kind === 'file' && (there.links ?? 1) > 1) return 'hard';
  throw taskFailed("src option requires state to be 'link' or 'hard'", 'Say which.');
}

/** What is there, in Ansible's words. */
export function view(state: FileState | undefined, mode = state?.mode) {
  if (state === undefined || mode === undefined) return { state: 'absent' };
  const kind = state.kind === 'symlink' ? 'link' : state.kind;
  const target = state.target === undefined ? {} : { src: state.target };
  return { state: kind, mode: modeText(mode), owner: state.uid, group: state.gid, ...target };
}

/** Only root gives files away; one that can't be given is not made. */
export async function refuseGift(host: Host, { uid }: Ids): Promise<void> {
  const user = host.runAs === undefined || uid === undefined ? undefined : await host.user(host.runAs);
  if (user && user.uid !== 0 && user.uid !== uid)
    throw taskFailed('chown failed', 'Only root gives files to others: become: true.');
}
