import type { Action } from '../../module.ts';

/** What mount(8) is told of a mount; `src` and `fstype` as fstab has them. */
interface MountWords {
  readonly src: string;
  readonly path: string;
  readonly fstype: string;
  readonly opts: string;
}

/** Options may hold a password: they reach the script by the environment, and so no report of what is done. */
function script(says: string, text: string, words: readonly string[], opts: string): Action {
  return { op: 'exec', says, command: { argv: ['sh', '-c', text, 'sh', ...words], env: { opts, LC_ALL: 'C' } } };
}

/** Mounts it where nothing is mounted; as undo of unmountAction it may be so already. */
export function mountAction({ src, path, fstype, opts }: MountWords): Action {
  const text = 'findmnt -M "$3" >/dev/null || mount -t "$1" -o "$opts" "$2" "$3"';
  return script(`mount ${src} ${path}`, text, [fstype, src, path], opts);
}

/** Takes away what is mounted; as undo of mountAction it may be gone already. */
export function unmountAction(path: string): Action {
  return script(`umount ${path}`, 'umount "$1" || ! findmnt -M "$1" >/dev/null', [path], '');
}

/** Gives a mount new options; where its file system can't do that, it is unmounted and mounted. */
export function remountAction({ src, path, fstype, opts }: MountWords): Action {
  const text = 'mount -t "$1" -o "remount,$opts" "$2" "$3" || { umount "$3" && mount -t "$1" -o "$opts" "$2" "$3"; }';
  return script(`mount -o remount ${src} ${path}`, text, [fstype, src, path], opts);
}

/** The same with what fstab says; own options are given to that one remount alone, which then has to work. */
export function remountByFstab(path: string, fstab: string, opts: string | undefined): Action {
  const text =
    opts === undefined
      ? 'mount -T "$2" -o remount "$1" || { umount "$1" && mount -T "$2" "$1"; }'
      : 'mount -T "$2" -o "remount,$opts" "$1"';
  return script(`mount -o remount ${path}`, text, [path, fstab], opts ?? '');
}
