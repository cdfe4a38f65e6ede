import { OrchError } from '../../../../proto/errors.ts';
import { exactJson } from '../../../../proto/exact-json.ts';
import type { Host } from '../../../linux/host.ts';
import type { CopyParams } from './copy-params.ts';
import { tidy } from './path.ts';
import { readTree } from './tree.ts';

/** Bytes of one task, as of one file. */
const mostBytes = 64 * 1024 * 1024;

/** A file or folder that is to be copied. */
export interface Source {
  /** Below the folder that is copied; empty for a file by itself. */
  readonly path: string;
  /** Undefined: a folder, or a link. */
  readonly content: Buffer | undefined;
  /** What a link that is copied as such points at. */
  readonly link?: string | undefined;
  readonly mode: number | undefined;
}

/** What is to be copied: a file, or all that is in a folder, folders before what is in them. Throws where there is nothing. */
export async function sourcesOf(params: CopyParams, host: Host): Promise<Source | readonly Source[]> {
  const { content, src } = params;
  const alone = (bytes: Buffer, mode?: number) => ({ path: '', content: bytes, mode });
  if (content !== undefined) return alone(Buffer.from(typeof content === 'string' ? content : exactJson(content)));
  if (params.content_base64 !== undefined) return alone(Buffer.from(params.content_base64, 'base64'));
  if (params.tree !== undefined) {
    return params.tree.map(({ path, content_base64, mode, link }) => ({
      ...{ path, mode, link },
      content: content_base64 === undefined ? undefined : Buffer.from(content_base64, 'base64'),
    }));
  }
  if (params.remote_src && src !== undefined) {
    const path = tidy(await host.absolute(src));
    const folder = await host.stat(`${path}/.`);
    if (folder?.kind === 'directory') return remoteTree(host, path, params.local_follow === true);
    const bytes = await host.readFile(path);
    if (bytes !== undefined) return alone(bytes, (await host.stat(path))?.mode);
  }
  throw new OrchError({
    code: 'missing-object',
    summary: `Source ${src} not found`,
    hint: 'With remote_src the file must be on the host; without it, the workstation sends its content.',
  });
}

async function remoteTree(host: Host, folder: string, follow: boolean): Promise<readonly Source[]> {
  const entries = (await readTree(host, folder)).slice(1);
  const sources: Source[] = [];
  let left = mostBytes;
  for (const { path, state } of entries) {
    const link = state.kind === 'symlink' && !follow ? state.target : undefined;
    const content = state.kind === 'directory' || link !== undefined ? undefined : await host.readFile(path, left);
    left -= content?.length ?? 0;
    // A link to follow that leads nowhere, or to a folder, is left out.
    if (state.kind === 'directory' || content !== undefined || link !== undefined)
      sources.push({ path: path.slice(folder.length + 1), content, link, mode: state.mode });
  }
  return sources;
}
