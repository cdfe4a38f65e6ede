import * as z from 'zod';
import { hostPath } from '../fields.ts';
import { taken } from '../taken.ts';
import { apartParam } from './content.ts';
import { decrypt } from './copy-params.ts';
import { fileMode } from './mode.ts';
import { ownerFields } from './owner.ts';

/** A word that tar(1) cannot take for an option. */
const member = z.string().regex(/^[^-\0][^\0]*$/, 'begins with "-"');

const fields = z.strictObject({
  src: z
    .string()
    .min(1)
    .describe('Archive on the workstation, or with remote_src on the host, or a URL that the host asks for.'),
  dest: hostPath.describe('Folder to unpack it into, which must be there.'),
  remote_src: z.boolean().default(false).describe('Take `src` to be on the host already.'),
  copy: z.boolean().optional().describe('The contrary of remote_src, in old playbooks.'),
  creates: hostPath.optional().describe('Not unpacked when this file exists.'),
  list_files: z.boolean().default(false).describe('Tell the names of what is in it.'),
  keep_newer: z.boolean().default(false).describe('Leave files that are newer than those of the archive.'),
  exclude: z.array(member).default([]).describe('What to leave out.'),
  include: z.array(member).default([]).describe('What to unpack; default: all.'),
  extra_opts: z
    .array(z.string())
    .default([])
    .describe('More options for tar(1), or for unzip(1) where none is a long one.'),
  mode: fileMode.optional().describe('Permissions of all that is unpacked.'),
  ...ownerFields,
  validate_certs: z.boolean().default(true).describe('Taken for the sake of old playbooks.'),
  decrypt,
  io_buffer_size: taken('it is read as it comes', z.int()),
  unsafe_writes: taken('files are replaced as tar does'),
  content_apart: apartParam.optional().describe('The same, where it is too large for a task.'),
  content_base64: z.base64().optional().describe('The archive itself; the workstation sets it.'),
});

export type UnarchiveParams = z.infer<typeof fields>;

/** Whether the archive is on the host. */
export function isRemote({ remote_src, copy }: UnarchiveParams): boolean {
  return remote_src || copy === false;
}

/** Whether it comes from a web server. */
export function isUrl(src: string): boolean {
  return /^https?:\/\//i.test(src);
}

export const unarchiveParams = fields.superRefine((params, context) => {
  const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (params.include.length > 0 && params.exclude.length > 0) issue('exclude', 'say include or exclude, not both');
  if (params.remote_src && params.copy !== undefined) issue('copy', 'say copy or remote_src, not both');
});
