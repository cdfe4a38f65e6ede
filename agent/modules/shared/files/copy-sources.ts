import { OrchError } from '../../../../proto/errors.ts';
import { exactJson } from '../../../../proto/exact-json.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { heldBytes } from '../../module.ts';
import { type Content, readContent, sentContent } from './content.ts';
import type { CopyParams } from './copy-params.ts';
import { sourceEnd } from './links.ts';
import { tidy } from './path.ts';
import { readTree, requireNames } from './tree.ts';

/** Of a folder's files so many bytes are in memory, all together. */
const mostHeld = 64 * 1024 * 1024;

/** A file or folder that is to be copied. */
export interface Source {
  /** Below the folder that is copied; empty for a file by itself. */
  readonly path: string;
  /** Undefined: a folder, or a link. */
  readonly content: Content | undefined;
  /** What a link that is copied as such points at. */
  readonly link?: string | undefined;
  readonly mode: number | undefined;
  /** Of a file of the host: when it was modified, which its copy keeps. */
  readonly mtime?: number | undefined;
}

/** What is to be copied: a file, or all that is in a folder, folders before what is in them. Throws where there is nothing. */
export async function sourcesOf(params: CopyParams, host: Host): Promise<Source | readonly Source[]> {
  const { content, src } = params;
  const alone = (whole: Content, state?: FileState) => ({
    path: '',
    content: whole,
    mode: state?.mode,
    mtime: state?.mtimeMs,
  });
  if (content !== undefined) return alone(Buffer.from(typeof content === 'string' ? content : exactJson(content)));
  const sent = sentContent(params);
  if (sent !== undefined) return alone(sent);
  if (params.tree !== undefined) {
    return params.tree.map((entry) => {
      const { path, mode, link } = entry;
      return { path, mode, link, content: sentContent(entry) };
    });
  }
  if (params.remote_src && src !== undefined) {
    const path = tidy(await host.absolute(src));
    const folder = await host.stat(`${path}/.`);
    if (folder?.kind === 'directory') return remoteTree(host, path, params.local_follow === true);
    const end = await sourceEnd(host, path);
    const whole = end && (await readContent(host, end.path, end.state));
    if (whole !== undefined) return alone(whole, end?.state);
  }
  throw new OrchError({
    code: 'missing-object',
    summary: `Source ${src} not found`,
    hint: 'With remote_src the file must be on the host; without it, the workstation sends its content.',
  });
}

/** Of a link, what it leads to. */
async function fileAt(host: Host, path: string, left: number) {
  const end = await sourceEnd(host, path);
  const content = end && (await readContent(host, end.path, end.state, Math.min(heldBytes, left)));
  return content && { content, state: end.state };
}

async function remoteTree(host: Host, folder: string, follow: boolean): Promise<readonly Source[]> {
  const entries = await readTree(host, folder);
  await requireNames(host, entries);
  const sources: Source[] = [];
  let left = mostHeld;
  for (const { path, state } of entries.slice(1)) {
    const link = state.kind === 'symlink' && !follow ? state.target : undefined;
    const file = state.kind === 'directory' || link !== undefined ? undefined : await fileAt(host, path, left);
    const content = file?.content;
    if (content instanceof Buffer) left -= content.length;
    // A link to follow that leads nowhere, or to a folder, is left out.
    if (state.kind === 'directory' || content !== undefined || link !== undefined)
      sources.push({
        path: path.slice(folder.length + 1),
        content,
        link,
        mode: (file?.state ?? state).mode,
        mtime: file?.state.mtimeMs,
      });
  }
  return sources;
}
