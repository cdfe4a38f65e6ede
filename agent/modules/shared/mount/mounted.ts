import { unescaped } from './fstab.ts';

/** A mount, as a line of /proc/self/mountinfo tells it (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly device: string;
  /** What of the file system is mounted: "/", or a folder in it. */
  readonly root: string;
  readonly path: string;
  /** Options of this mount, and of the file system behind it. */
  readonly opts: string;
  readonly superOpts: string;
  readonly fstype: string;
  readonly src: string;
}

export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [own = '', behind = ''] = line.split(' - ');
    const [, , device, root, path, opts] = own.split(' ').map(unescaped);
    const [fstype, src, superOpts] = behind.split(' ').map(unescaped);
    if (device === undefined || root === undefined || path === undefined || opts === undefined) return [];
    if (fstype === undefined || src === undefined || superOpts === undefined) return [];
    return [{ device, root, path, opts, superOpts, fstype, src }];
  });
}

/** The mount on a path that is seen there: the last one. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts.findLast((mount) => mount.path === path);
}

/** All that a mount's source may be called: its device, and where other mounts show the folder that is bound. */
export function sourcesOf(mount: Mount, mounts: readonly Mount[]): readonly string[] {
  const shown = mounts
    .filter((other) => other !== mount && other.device === mount.device && below(mount.root, other.root) !== undefined)
    .map((other) => joinedPath(other.path, below(mount.root, other.root) ?? ''));
  return [mount.src, ...shown];
}

/** The rest of a path below a folder, "" for the folder itself. */
function below(path: string, folder: string): string | undefined {
  if (folder === '/') return path.slice(1);
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

function joinedPath(folder: string, rest: string): string {
  return `${folder.replace(/\/$/, '')}/${rest}`.replace(/(?<=.)\/$/, '');
}
