import * as z from 'zod';
import { hostPath, noneOf } from '../fields.ts';
import { apartParam } from './content.ts';
import { fileMode } from './mode.ts';
import { ownerFields } from './owner.ts';
import { unsafeWrites, validation } from './write.ts';

/** 64 MiB as base64. */
const longestContent = 90 * 1024 * 1024;

/** Where a file goes, and what becomes of one that is there. */
export const dest = hostPath.describe(
  'Path on the host. A folder, or a path with a slash at its end: the file goes into it.',
);
export const placedFile = {
  mode: fileMode
    .optional()
    .describe('Permissions, "0644" or u=rw,g=r; default: what the file has, 0644 for a new one.'),
  ...ownerFields,
  backup: z.boolean().default(false).describe('Keep the old file beside the new one, with the time in its name.'),
  force: z.boolean().default(true).describe('Replace a file that is there with other content.'),
  unsafe_writes: unsafeWrites,
};

export const decrypt = z
  .boolean()
  .optional()
  .describe('Decrypt what vault encrypted on the workstation, which is so unless it says false.');

/** What copy and template have of it. */
export const copiedFile = {
  ...placedFile,
  mode: z
    .union([fileMode, z.literal('preserve')])
    .optional()
    .describe(
      'Permissions, "0644" or u=rw,g=r, or preserve: those of the source; default: what the file has, 0644 for a new one.',
    ),
  validate: validation,
  follow: z.boolean().optional().describe('A symbolic link at `dest` is followed, and not replaced.'),
};

/** Of a folder that is copied; paths are below it. */
const tree = z.array(
  z.strictObject({
    path: z.string().regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\0][^\0]*$/, 'is no path below a folder'),
    content_base64: z.base64().max(longestContent).optional(),
    content_apart: apartParam.optional(),
    link: z.string().min(1).optional(),
    mode: z.int().min(0).max(0o7777),
  }),
);

const fields = z.strictObject({
  dest,
  content: z
    .union([z.string().max(longestContent), z.record(z.string(), z.unknown()), z.array(z.unknown()), z.boolean()])
    .optional()
    .describe('Text of the file; a mapping or a list is written as JSON, a boolean as True or False.'),
  content_base64: z
    .base64()
    .max(longestContent)
    .optional()
    .describe('Content of the file as base64; the workstation sets it from `src`.'),
  content_apart: apartParam.optional().describe('A content that is too large for a task; the workstation sets it.'),
  tree: tree.optional().describe('All that is in a folder; the workstation sets it from `src`.'),
  src: z.string().optional().describe('File or folder on the workstation, or with remote_src on the host.'),
  remote_src: z.boolean().default(false).describe('Take `src` to be on the host already.'),
  ...copiedFile,
  directory_mode: fileMode.optional().describe('Permissions of folders that are made; default: 0755.'),
  checksum: z.string().min(1).optional().describe('sha1 that the content must have.'),
  local_follow: z
    .boolean()
    .optional()
    .describe('Of a folder: copy what links in it lead to, not the links. Default: true, with remote_src false.'),
  decrypt,
});

export type CopyParams = z.infer<typeof fields>;

function contradictions(params: CopyParams): [keyof CopyParams, string][] {
  const { content, content_base64, content_apart, tree, src, remote_src } = params;
  const given = [content, content_base64, content_apart, tree].filter((value) => value !== undefined).length;
  if (given > 1) return [['content', 'say content or content_base64, not both']];
  if (remote_src && (!src || given > 0)) return [['remote_src', 'needs src and no content']];
  if (given === 0 && !src) return [['src', 'src (or content) is required']];
  return [];
}

export const copyParams = fields.superRefine(noneOf(contradictions));
