import { OrchError } from '../../proto/errors.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { sha1, shown } from './shared/files/content.ts';
import { type CopyParams, copyParams } from './shared/files/copy-params.ts';
import { modeText } from './shared/files/mode.ts';
import { type Ids, newIds, wantedIds } from './shared/files/owner.ts';
import { baseName, folderOf, joined, tidy } from './shared/files/path.ts';
import { backupPath, writeSteps } from './shared/files/write.ts';

interface Current {
  /** Where the file goes: `dest`, or the file of that name in it. */
  readonly path: string;
  readonly wanted: Buffer;
  readonly state: FileState | undefined;
  readonly content: Buffer | undefined;
  readonly ids: Ids;
  readonly newIds: Ids;
  /** Name for a backup made now. */
  readonly backup: string;
}

async function wantedContent(params: CopyParams, host: Host): Promise<Buffer> {
  const { content } = params;
  if (content !== undefined)
    return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content), 'utf8');
  if (params.content_base64 !== undefined) return Buffer.from(params.content_base64, 'base64');
  const source =
    params.remote_src && params.src !== undefined ? await host.readFile(await host.absolute(params.src)) : undefined;
  if (source !== undefined) return source;
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no file ${params.src} to copy${params.remote_src ? ' on this host' : ''}.`,
    hint: 'With remote_src the file must be on the host; without it, the workstation sends its content.',
  });
}

async function targetPath(params: CopyParams, host: Host): Promise<string> {
  const path = tidy(params.dest);
  const inside = params.dest.endsWith('/') || (await host.stat(path))?.kind === 'directory';
  if (!inside) return path;
  if (params.src !== undefined) return joined(path, baseName(params.src));
  throw new OrchError({
    code: 'invalid-parameter',
    summary: `${params.dest} is a folder, and content has no name of its own.`,
    hint: 'Say the whole path in dest.',
  });
}

async function requireFolder(host: Host, path: string): Promise<void> {
  const folder = folderOf(path);
  if (host.promised({ kind: 'path', path: folder })) return;
  const state = await host.stat(folder);
  if (state?.kind === 'directory' || state?.kind === 'symlink') return;
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no folder ${folder} to put ${baseName(path)} in.`,
    hint: `A file task before this one makes it: "file: {path: ${folder}, state: directory}".`,
  });
}

function view(path: string, mode: number, content: Buffer) {
  return { path, mode: modeText(mode), content: shown(content) };
}

export const module = defineModule({
  name: 'copy',
  form: 'converge',
  summary: 'Puts a file on the host, with content, owner and permissions.',
  notes:
    'Written under another name and renamed, so that nobody sees half a file. A symbolic link at `dest` is replaced by ' +
    "the file; one on the way that a user made is followed only to what is that user's. `orch destroy` brings back the old content up to 1 MiB.",
  examples: [
    'copy:\n  content: |\n    nameserver 172.16.91.2\n  dest: /etc/resolv.conf\n  mode: "0644"',
    'copy:\n  src: frr.conf\n  dest: /etc/frr/\n  owner: root\n  mode: u=rw,g=r,o=\n  backup: true',
  ],
  params: copyParams,
  makes: (params) => (params.dest.endsWith('/') ? [] : [{ kind: 'path', path: tidy(params.dest) }]),

  objects: (_params, { path }: Current) => [`file ${path}`],

  async read(params, host): Promise<Current> {
    const path = await targetPath(params, host);
    const state = await host.stat(path);
    if (state?.kind === 'directory' || state?.kind === 'other') {
      throw new OrchError({
        code: 'task-failed',
        summary: `${path} is there and is no file.`,
        hint: 'Remove it first.',
      });
    }
    if (state === undefined) await requireFolder(host, path);
    const wanted = await wantedContent(params, host);
    const content = state?.kind === 'file' ? await host.readFile(path) : undefined;
    const ids = await wantedIds(host, params);
    const isNew = state?.kind !== 'file';
    const backup = backupPath(path, new Date());
    return { path, wanted, state, content, ids, newIds: isNew ? await newIds(host, ids) : ids, backup };
  },

  plan(params, current) {
    const { path, wanted, state, content } = current;
    const present = state?.kind === 'file' ? state : undefined;
    const kept = state !== undefined && !params.force;
    const backup = params.backup ? current.backup : undefined;
    const written = writeSteps({ ...current, mode: params.mode, backup });
    const before = present && content ? view(path, present.mode, content) : { state: 'absent' };
    const lasting = kept && content ? content : wanted;
    const owner = present === undefined ? current.newIds : current.ids;
    const result = {
      dest: path,
      src: params.src,
      checksum: sha1(lasting),
      size: lasting.length,
      uid: owner.uid ?? present?.uid ?? 0,
      gid: owner.gid ?? present?.gid ?? 0,
      mode: modeText(written.mode),
      state: 'file',
    };
    if (kept) return { steps: [], before, after: before, result };
    const { steps, warnings } = written;
    return {
      steps,
      before,
      after: view(path, written.mode, wanted),
      warnings,
      result: { ...result, ...written.result },
    };
  },
});
