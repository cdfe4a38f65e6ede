import * as z from 'zod';
import { hostPath } from './fields.ts';
import { placedFile } from './files/copy-params.ts';
import { webFields, webUrl } from './web.ts';

const { backup: _, force: __, mode, ...owned } = placedFile;

/** A file of a form: its content, or where it is. */
const formFile = z.strictObject({
  filename: z.string().min(1).optional(),
  content: z.string().optional(),
  content_base64: z.base64().optional(),
  mime_type: z.string().optional(),
  multipart_encoding: z.enum(['base64', '7or8bit']).optional(),
});
export type FormFile = z.infer<typeof formFile>;

/** What `body` is with form-multipart: texts and files by the names of their fields. */
export const multipartBody = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), formFile]));

const fields = z.strictObject({
  url: webUrl.describe('What to ask for.'),
  method: z
    .string()
    .regex(/^[A-Za-z]+$/, 'is one word, like GET or POST')
    .default('GET')
    .describe('How to ask.'),
  body: z
    .unknown()
    .optional()
    .describe(
      'What to send: text, or a mapping or list for body_format. With form-multipart a field is a text, or a file: filename, content, mime_type, multipart_encoding (base64, or 7or8bit: as it is).',
    ),
  body_format: z
    .enum(['raw', 'json', 'form-urlencoded', 'form-multipart'])
    .default('raw')
    .describe('How the body is written.'),
  src: z.string().min(1).optional().describe('File to send as body.'),
  src_base64: z.base64().optional().describe('Its content; the workstation sets it.'),
  remote_src: z
    .boolean()
    .default(false)
    .describe('`src`, and files of a form, are on the host, not on the workstation.'),
  dest: hostPath
    .optional()
    .describe('File for the answer, or the folder that it goes into under the name that the URL ends with.'),
  mode: mode.describe('Permissions of dest, "0644" or u=rw,g=r; default: what the file has, 0644 for a new one.'),
  ...owned,
  force: z
    .boolean()
    .default(false)
    .describe('Have no cache on the way answer, and take the answer whether or not it is newer than dest.'),
  status_code: z
    .union([z.int(), z.array(z.int())])
    .default([200])
    .describe('Statuses that are no failure.'),
  return_content: z.boolean().default(false).describe('Give `content`, the text of the answer.'),
  follow_redirects: z
    .enum(['all', 'yes', 'safe', 'urllib2', 'none', 'no'])
    .default('safe')
    .describe('safe: of GET and HEAD only; urllib2: of POST, too, as a GET.'),
  timeout: z
    .int()
    .min(1)
    .max(3600)
    .default(30)
    .describe('Seconds to wait for the server, and for each piece of what it sends.'),
  creates: hostPath.optional().describe('Not asked when this file exists.'),
  removes: hostPath.optional().describe('Not asked when this file does not exist.'),
  unix_socket: hostPath.optional().describe('Unix socket to ask through.'),
  ...webFields,
});
export type UriParams = z.infer<typeof fields>;

export const uriParams = fields.superRefine(({ body, body_format, src }, context) => {
  const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (body !== undefined && src !== undefined) issue('src', 'say body or src, not both');
  if (body_format === 'form-multipart' && !multipartBody.safeParse(body).success)
    issue('body', 'of form-multipart is a mapping of texts and files');
});
