import type { FileState } from '../../../linux/host.ts';
import type { Action, FileAction, Step } from '../../module.ts';
import { modeFrom } from './mode.ts';
import type { Ids } from './owner.ts';

export function fileAction(file: FileAction): Action {
  return { op: 'file', file };
}

export interface Attributes extends Ids {
  readonly mode: string | number | undefined;
}

/** Steps for mode and owner of what is there already. */
export function attributeSteps(path: string, present: FileState, wanted: Attributes): Step[] {
  const object = `file ${path}`;
  const steps: Step[] = [];
  const uid = wanted.uid ?? present.uid;
  const gid = wanted.gid ?? present.gid;
  const mode = modeOf(present, wanted);
  const owned = uid !== present.uid || gid !== present.gid;
  if (owned) {
    const action = fileAction({ do: 'owner', path, uid, gid });
    steps.push({
      object,
      part: 'owner',
      action,
      undo: [fileAction({ do: 'owner', path, uid: present.uid, gid: present.gid })],
    });
  }
  // A symbolic link has no mode. chown(2) clears setuid and setgid: the mode comes after it.
  const cleared = owned && (mode & 0o6000) !== 0;
  if (present.kind !== 'symlink' && (mode !== present.mode || cleared)) {
    const action = fileAction({ do: 'mode', path, mode });
    steps.push({ object, part: 'mode', action, undo: [fileAction({ do: 'mode', path, mode: present.mode })] });
  }
  return steps;
}

export function modeOf(present: FileState, wanted: Attributes): number {
  return wanted.mode === undefined ? present.mode : modeFrom(wanted.mode, present.mode, present.kind === 'directory');
}

/** The mode to make something with: setuid and setgid wait for the owner, because until then they would be root's. */
export function firstMode(mode: number, ids: Ids): number {
  return given(ids) ? mode & 0o1777 : mode;
}

/** Makes a folder; `inherited` is the mode that it has of itself. */
export function newFolderSteps(path: string, said: Attributes['mode'], inherited: number, ids: Ids): Step[] {
  const mode = modeFrom(said ?? inherited, inherited, true);
  // What it has of itself it keeps when its owner changes.
  const first = firstMode(mode, ids) | (mode & inherited);
  const make = fileAction({ do: 'mkdir', path, mode: first });
  return [
    { object: `file ${path}`, action: make, undo: [fileAction({ do: 'rmdir', path })] },
    ...newOwnerSteps(path, ids, mode, first),
  ];
}

/** The owner of something that was just made by root, and what firstMode() left out of its mode. */
export function newOwnerSteps(path: string, ids: Ids, mode = 0, first = firstMode(mode, ids)): Step[] {
  if (!given(ids)) return [];
  const actions = [
    fileAction({ do: 'owner', path, uid: ids.uid ?? 0, gid: ids.gid ?? 0 }),
    ...(first === mode ? [] : [fileAction({ do: 'mode', path, mode })]),
  ];
  return actions.map((action) => ({ object: `file ${path}`, action, undo: [] }));
}

function given({ uid, gid }: Ids): boolean {
  return uid !== undefined || gid !== undefined;
}
