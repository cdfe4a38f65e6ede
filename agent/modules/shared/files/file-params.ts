import * as z from 'zod';
import { hostPath, linkTarget, noneOf } from '../fields.ts';
import { taken } from '../taken.ts';
import { fileMode } from './mode.ts';
import { ownerFields } from './owner.ts';
import { tidy } from './path.ts';
import { momentOf } from './times.ts';

const timeFormat = z.string().default('%Y%m%d%H%M.%S');

const fields = z.strictObject({
  path: hostPath.describe('Path on the host.'),
  state: z
    .enum(['absent', 'directory', 'file', 'hard', 'link', 'touch'])
    .optional()
    .describe(
      'directory is made with the folders above it; touch makes an empty file, or gives one the time of now; file changes permissions only. ' +
        'Default: what is there, or directory with recurse.',
    ),
  src: linkTarget.optional().describe('What a link points at; relative to the folder of the link.'),
  mode: fileMode.optional().describe('Permissions, "0644" or u=rw,g=r.'),
  ...ownerFields,
  recurse: z.boolean().default(false).describe('directory: permissions and owner for all that is in it, too.'),
  follow: z
    .boolean()
    .default(true)
    .describe(
      'What a symbolic link leads to gets permissions and owner, and is the file or directory that is asked for.',
    ),
  force: z
    .boolean()
    .default(false)
    .describe('link, hard: replace a file, or an empty folder, and point at what does not exist.'),
  modification_time: z
    .string()
    .optional()
    .describe(
      "now, preserve, or a time on the host's clock; touch has now, other states preserve, where nothing is said.",
    ),
  modification_time_format: timeFormat.describe('How it is written: %Y, %m, %d, %H, %M and %S.'),
  access_time: z.string().optional().describe('The same of the time of access.'),
  access_time_format: timeFormat.describe('How that is written.'),
  unsafe_writes: taken('files are replaced at once in any case'),
});

export type FileParams = z.infer<typeof fields>;

export function pathOf(params: FileParams): string {
  return tidy(params.path);
}

/** Whether it is about a link, and not what that leads to. */
export function isLink(state: FileParams['state']): boolean {
  return state === 'link' || state === 'hard';
}

/** The state that the task means, where it says none. */
export function stateOf(params: FileParams): FileParams['state'] {
  return params.state ?? (params.recurse ? 'directory' : undefined);
}

function contradictions(params: FileParams): [keyof FileParams, string][] {
  const found: [keyof FileParams, string][] = [];
  const link = isLink(params.state);
  // A symbolic link may be there already.
  if (params.state === 'hard' && params.src === undefined)
    found.push(['src', 'src is required for creating new hardlinks']);
  if (!link && params.state !== undefined && params.src !== undefined)
    found.push(['src', "src option requires state to be 'link' or 'hard'"]);
  if (params.recurse && stateOf(params) !== 'directory')
    found.push(['recurse', "recurse option requires state to be 'directory'"]);
  if (params.state === 'absent' && pathOf(params) === '/') found.push(['path', 'is the whole file system']);
  for (const name of ['modification_time', 'access_time'] as const) {
    const { [name]: time, [`${name}_format` as const]: format } = params;
    if (time === undefined || time === 'now' || time === 'preserve') continue;
    if (momentOf(time, format) === undefined) found.push([name, `is no time that is written as ${format}`]);
  }
  return found;
}

export const fileParams = fields.superRefine(noneOf(contradictions));
