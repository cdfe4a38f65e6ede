import * as z from 'zod';
import type { FileState } from '../../../linux/host.ts';
import { type Action, heldBytes, type Step } from '../../module.ts';
import { shellWords } from '../shell-words.ts';
import { type Content, inAction, isSame, sizeOf } from './content.ts';
import { modeFrom } from './mode.ts';
import type { Ids } from './owner.ts';
import { attributeSteps, fileAction, firstMode, modeOf, newOwnerSteps } from './steps.ts';

/** The `unsafe_writes` parameter. */
export const unsafeWrites = z
  .boolean()
  .optional()
  .describe('Write into a file that cannot be replaced at once, such as one that is mounted by itself.');

/** The `validate` parameter: a command with %s for the new content's file. */
export const validation = z
  .string()
  .superRefine((command, context) => {
    if (!command.includes('%s')) context.addIssue({ code: 'custom', message: `validate must contain %s: ${command}` });
    if (shellWords(command) === undefined) context.addIssue({ code: 'custom', message: 'a quote is not closed' });
  })
  .optional()
  .describe('Command that must accept the new content before it takes its place; %s is its file ("visudo -cf %s").');

/** A file as it is and as it is to be. */
export interface FileWrite {
  readonly path: string;
  /** What is at the path; a folder is the caller's to refuse. */
  readonly state: FileState | undefined;
  readonly content: Content | undefined;
  readonly wanted: Content;
  readonly mode: string | number | undefined;
  readonly ids: Ids;
  /** Owner of a file that is not there yet. */
  readonly newIds: Ids;
  /** Modification time that it gets with the content, in milliseconds; undefined: that of now. */
  readonly mtime?: number | undefined;
  /** Path for the old content; undefined: it is not kept beside the file. */
  readonly backup: string | undefined;
  /** The task's `validate`. */
  readonly validate?: string | undefined;
  /** The task's `unsafe_writes`. */
  readonly unsafe?: boolean | undefined;
}

export interface Written {
  readonly steps: Step[];
  readonly warnings: readonly string[];
  /** Permissions that the file will have. */
  readonly mode: number;
  readonly result: { readonly backup_file?: string };
}

/** Steps that give a file its content, owner and permissions; none where it has them. */
export function writeSteps(write: FileWrite): Written {
  const { path, state, content, wanted, ids, newIds } = write;
  const present = state?.kind === 'file' ? state : undefined;
  const attributes = { ...ids, mode: write.mode };
  const mode = present === undefined ? modeFrom(write.mode ?? 0o644, 0o644, false) : modeOf(present, attributes);
  if (present && isSame(content, wanted)) {
    return { steps: attributeSteps(path, present, attributes), warnings: [], mode, result: {} };
  }
  const kept = backupSteps(write, present);
  const { undo, warnings } = putBack(write);
  const changed = present && changedIds(present, ids);
  const first = firstMode(mode, changed ?? newIds);
  const owner = changed && finalOwner(present, changed);
  const validate = write.validate === undefined ? {} : { validate: shellWords(write.validate) };
  const action = fileAction({ ...writing(write, wanted), mode: first, owner, mtime: write.mtime, ...validate });
  const part = present === undefined ? {} : { part: 'content' };
  const owned = present
    ? attributeSteps(path, { ...present, mode: first }, { ...ids, mode })
    : newOwnerSteps(path, newIds, mode);
  const result = kept.length > 0 && write.backup !== undefined ? { backup_file: write.backup } : {};
  return { steps: [...kept, { object: `file ${path}`, ...part, action, undo }, ...owned], warnings, mode, result };
}

/** "/etc/hosts.12345.2026-01-31@23:59:59~", as Ansible names backups; the number tells those of one second apart. */
export function backupPath(path: string, now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  const [day = '', time = ''] = local.toISOString().slice(0, 19).split('T');
  return `${path}.${now.getTime() % 100_000}.${day}@${time}~`;
}

function backupSteps({ backup, content }: FileWrite, present: FileState | undefined): Step[] {
  if (backup === undefined || content === undefined) return [];
  const { uid = 0, gid = 0, mode, mtimeMs: mtime } = present ?? {};
  const owner = uid === 0 && gid === 0 ? undefined : { uid, gid };
  const write = { do: 'write', path: backup, content: inAction(content), mode, owner, mtime } as const;
  return [{ object: `file ${backup}`, action: fileAction(write), undo: [fileAction({ do: 'unlink', path: backup })] }];
}

/** Gives the file a content. */
const writing = ({ path, unsafe }: FileWrite, content: Content) =>
  ({ do: 'write', path, content: inAction(content), ...(unsafe ? { unsafe } : {}) }) as const;

/** What puts back what was at the path. */
function putBack(write: FileWrite): { undo: readonly Action[]; warnings: readonly string[] } {
  const { path, state, content } = write;
  if (state === undefined) return { undo: [fileAction({ do: 'unlink', path })], warnings: [] };
  if (state.kind === 'symlink')
    return { undo: [fileAction({ do: 'symlink', path, target: state.target ?? '' })], warnings: [] };
  if (content === undefined || sizeOf(content) > heldBytes) {
    return {
      undo: [],
      warnings: [`${path} is larger than ${heldBytes} bytes: destroy will not bring back its old content`],
    };
  }
  return {
    undo: [fileAction({ ...writing(write, content), mode: state.mode })],
    warnings: [],
  };
}

/** Whom a file is for from the start, before the old owner could open the new content; undefined: who has it already. */
function finalOwner(present: FileState, { uid, gid }: Ids): { uid: number; gid: number } | undefined {
  if (uid === undefined && gid === undefined) return undefined;
  return { uid: uid ?? present.uid, gid: gid ?? present.gid };
}

/** Undefined where the owner or group stays. */
function changedIds(present: FileState, { uid, gid }: Ids): Ids {
  return { uid: uid === present.uid ? undefined : uid, gid: gid === present.gid ? undefined : gid };
}
