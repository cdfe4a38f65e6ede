import * as z from 'zod';
import { EncodingProblem } from '../../../../proto/encoding.ts';
import { OrchError } from '../../../../proto/errors.ts';
import { findFirst, RegexProblem } from '../../../../proto/regex.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import type { Plan, Step } from '../../module.ts';
import { hostPath } from '../fields.ts';
import { lineEnds } from '../line-ends.ts';
import { flagSteps } from './flags.ts';
import { keptBytes, keptText } from './kept-bytes.ts';
import { behindJudgedLinks, heed } from './links.ts';
import { fileMode, modeText } from './mode.ts';
import { type Ids, newIds, ownerAliases, ownerFields, wantedIds } from './owner.ts';
import { folderOf, foldersTo, tidy } from './path.ts';
import { fileAction } from './steps.ts';
import { missingFolders, newFolderMode } from './tree.ts';
import { backupPath, unsafeWrites, validation, writeSteps } from './write.ts';

/** What every module that edits a text file takes; names and defaults are Ansible's. */
export const editFields = {
  path: hostPath.describe('The file; a symbolic link is followed.'),
  backup: z.boolean().default(false).describe('Keep the old file beside the new one, with the time in its name.'),
  validate: validation,
  mode: fileMode
    .optional()
    .describe('Permissions, "0644" or u=rw,g=r; default: what the file has, 0644 for a new one.'),
  ...ownerFields,
  unsafe_writes: unsafeWrites,
} as const;

export const createField = z
  .boolean()
  .default(false)
  .describe('Make the file, and the folders above it, if there is none.');

/** Names that Ansible's modules have for `path`. */
export const editAliases = { dest: 'path', destfile: 'path', name: 'path', ...ownerAliases } as const;

type EditParams = z.infer<z.ZodObject<typeof editFields>> & { readonly create?: boolean; readonly encoding?: string };

/** The file that is to be edited. */
export interface Edited {
  /** The file itself, behind symbolic links. */
  readonly path: string;
  readonly state: FileState | undefined;
  /** Why root must not change it. */
  readonly stray: OrchError | undefined;
  readonly content: Buffer | undefined;
  /** Its content; empty where there is no file. */
  readonly text: string;
  /** Folders that are not there, from the top. */
  readonly missing: readonly string[];
  readonly ids: Ids;
  readonly newIds: Ids;
  /** The mode that a new folder has of itself. */
  readonly newMode: number;
  /** What gives it the attributes that the task says. */
  readonly flags: readonly Step[];
  readonly backup: string;
}

/** A regular expression of Python, checked when the playbook is read. */
export const regexField = z.string().superRefine((pattern, context) => {
  try {
    findFirst(pattern, '', { ignoreCase: false, multiline: false }, 'search');
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** Reads the file; throws OrchError where there is none and `create` is not said. */
export async function readEdited(
  params: EditParams,
  host: Host,
  isMissing = (path: string) => `Path ${path} does not exist !`,
): Promise<Edited> {
  const { path, state, stray } = await behindJudgedLinks(host, tidy(params.path));
  if (state !== undefined && state.kind !== 'file')
    throw failed(`Path ${params.path} is a ${kindText(state)} !`, undefined, { rc: 256 });
  const content = state === undefined ? undefined : await host.readFile(path);
  if (content === undefined && !params.create) {
    throw new OrchError({
      code: 'missing-object',
      summary: isMissing(params.path),
      hint: 'Make it by a task before this one, or say create: true where the module has it.',
      result: { rc: 257 },
    });
  }
  const ids = await wantedIds(host, params);
  const missing = content === undefined ? await missingFolders(host, folderOf(path)) : [];
  return {
    ...{ path, state, stray, content },
    text: content === undefined ? '' : asTaskFailure(() => keptText(content, params.encoding)),
    missing,
    ids,
    newIds: state ? ids : await newIds(host, ids, path),
    newMode: missing.length > 0 ? await newFolderMode(host, path) : 0,
    flags: await flagSteps(host, path, params.attributes, state !== undefined),
    backup: backupPath(path, new Date()),
  };
}

/** The plan that gives the file this text; `msg` says what was done to it. */
export function editPlan(params: EditParams, edited: Edited, text: string, msg: string): Plan {
  const { path, state, content } = edited;
  const written = writeSteps({
    ...edited,
    wanted:
      content !== undefined && text === edited.text ? content : asTaskFailure(() => keptBytes(text, params.encoding)),
    mode: params.mode,
    backup: params.backup ? edited.backup : undefined,
    validate: params.validate,
    unsafe: params.unsafe_writes,
  });
  const edit = content === undefined || text !== edited.text;
  const present = state ?? { mode: 0o644, uid: 0, gid: 0 };
  const { uid = present.uid, gid = present.gid } = edited.ids;
  const view = (mode: number, owner: number, group: number) => ({ path, mode: modeText(mode), owner, group });
  const before =
    content && state ? { ...view(state.mode, state.uid, state.gid), content: edited.text } : { state: 'absent' };
  const after = { ...view(written.mode, uid, gid), content: text };
  const attributes =
    edited.flags.length > 0 || written.mode !== present.mode || uid !== present.uid || gid !== present.gid;
  const words = [
    ...(edit && msg !== '' ? [msg] : []),
    ...(attributes ? ['ownership, perms or SE linux context changed'] : []),
  ];
  const steps = [...written.steps, ...edited.flags];
  heed(edited.stray, steps);
  return {
    steps: [...folderSteps(edited), ...steps],
    before,
    after: steps.length === 0 ? before : after,
    inParts: true,
    warnings: written.warnings,
    result: { msg: words.join(' and '), ...written.result },
  };
}

/** The file, and the folders that it may need. */
export function editObjects({ path }: Pick<Edited, 'path'>, create: boolean): readonly string[] {
  return (create ? foldersTo(path) : [path]).map((each) => `file ${each}`);
}

/** Lines with their ends, as Python's readlines. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The line ended by a newline, if it has none. */
export function ended(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n`;
}

/** Without the newline at its end. */
export function bare(line: string): string {
  return line.replace(lineEnds, '');
}

/** A regular expression of the task met something that it can't be used on; `before`: what is said before that. */
export function asTaskFailure<T>(work: () => T, before = ''): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RegexProblem) throw failed(`${before}${error.message}`, error.hint);
    if (error instanceof EncodingProblem) throw failed(`${before}${error.message}`);
    throw error;
  }
}

function folderSteps({ missing, newMode }: Edited): Step[] {
  return missing.map((path) => ({
    object: `file ${path}`,
    action: fileAction({ do: 'mkdir', path, mode: newMode }),
    undo: [fileAction({ do: 'rmdir', path })],
  }));
}

function kindText({ kind }: FileState): string {
  return kind === 'other' ? 'device, socket or pipe' : kind;
}

function failed(summary: string, hint?: string, result?: OrchError['result']): OrchError {
  return new OrchError({ code: 'task-failed', summary, hint, result });
}
