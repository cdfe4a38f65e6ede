import * as z from 'zod';
import { hostPath } from '../fields.ts';
import { fileMode } from './mode.ts';
import { ownerFields } from './owner.ts';

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
};

const fields = z.strictObject({
  dest,
  content: z
    .union([z.string().max(longestContent), z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .describe('Text of the file; a mapping or a list is written as JSON.'),
  content_base64: z
    .base64()
    .max(longestContent)
    .optional()
    .describe('Content of the file as base64; the workstation sets it from `src`.'),
  src: z.string().min(1).optional().describe('File on the workstation, or with remote_src on the host.'),
  remote_src: z.boolean().default(false).describe('Take `src` to be on the host already.'),
  ...placedFile,
});

export type CopyParams = z.infer<typeof fields>;

function contradictions(params: CopyParams): [keyof CopyParams, string][] {
  const { content, content_base64, src, remote_src } = params;
  const given = [content, content_base64].filter((value) => value !== undefined).length;
  if (given > 1) return [['content', 'say content or content_base64, not both']];
  if (remote_src && (src === undefined || given > 0)) return [['remote_src', 'needs src and no content']];
  if (given === 0 && src === undefined) return [['content', 'say content or src']];
  return [];
}

export const copyParams = fields.superRefine((params, context) => {
  for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
});
