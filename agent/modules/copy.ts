import { OrchError } from '../../proto/errors.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, heldBytes, mayBeMade, type Plan, type Step } from './module.ts';
import { type Content, isSame, md5, sha1, sizeOf } from './shared/files/content.ts';
import { type CopyParams, copyParams } from './shared/files/copy-params.ts';
import { type Source, sourcesOf } from './shared/files/copy-sources.ts';
import { behindJudgedLinks, behindLinks, heed } from './shared/files/links.ts';
import { copiesBits, modeFrom } from './shared/files/mode.ts';
import { type Ids, newIds, ownerAliases, wantedIds } from './shared/files/owner.ts';
import { baseName, folderOf, joined, tidy } from './shared/files/path.ts';
import { ownership, type Placed, placedPlan, readPlaced } from './shared/files/placed.ts';
import { removalSteps } from './shared/files/removal.ts';
import { attributeSteps, fileAction, newFolderSteps, newOwnerSteps } from './shared/files/steps.ts';
import { missingFolders, newFolderMode } from './shared/files/tree.ts';
import { taskFailed } from './shared/programs.ts';

interface File extends Placed {
  readonly wanted: Content;
  readonly mode: string | number | undefined;
  readonly mtime: number | undefined;
}

interface Folder {
  readonly path: string;
  readonly state: FileState | undefined;
  /** That it has in any case. */
  readonly mode?: string | number | undefined;
  /** That it gets if it is made. */
  readonly firstMode?: string | number | undefined;
  /** The mode that it has of itself if it is made. */
  readonly newMode: number;
  readonly newIds: Ids;
}

interface Link extends Pick<Folder, 'path' | 'state' | 'newIds'> {
  readonly target: string;
  /** Of a file that is in its place. */
  readonly content: Buffer | undefined;
}

interface Current {
  /** Folders that are to be there, those above before those in them. */
  readonly folders: readonly Folder[];
  readonly files: readonly File[];
  /** Links that are copied as such. */
  readonly links: readonly Link[];
  /** The source is a folder, all of which is copied to this one. */
  readonly whole: string | undefined;
  /** Why root must not work at the dest that a link leads to. */
  readonly stray?: OrchError | undefined;
  readonly ids: Ids;
}

/** A link to a folder is that folder, also without `follow`. */
async function isFolder(host: Host, path: string): Promise<boolean> {
  const state = await host.stat(path);
  return (state?.kind === 'symlink' ? await host.stat(`${path}/.`) : state)?.kind === 'directory';
}

/** Where a file goes: `dest`, or the file of that name in it. */
async function targetOf(params: CopyParams, host: Host) {
  const dest = tidy(params.dest);
  const { path, stray } = params.follow ? await behindJudgedLinks(host, dest) : { path: dest };
  if (!params.dest.endsWith('/') && !(await isFolder(host, path))) return { path, stray };
  if (params.src !== undefined) return { path: joined(path, baseName(params.src)), stray };
  throw new OrchError({
    code: 'invalid-parameter',
    summary: 'can not use content with a dir as dest',
    hint: 'Say the whole path in dest.',
  });
}

async function requireFolder(host: Host, path: string): Promise<void> {
  const folder = folderOf(path);
  const state = await host.stat(folder);
  if (!state && mayBeMade(folder, host)) return;
  if (state?.kind === 'directory' || state?.kind === 'symlink') return;
  throw new OrchError({
    code: 'missing-object',
    summary: `Destination directory ${folder} does not exist`,
    hint: `A file task before this one makes it: "file: {path: ${folder}, state: directory}".`,
  });
}

/** A folder that is copied to a place inside of itself would have no end. */
async function refuseOwnInside({ src, remote_src }: CopyParams, host: Host, root: string): Promise<void> {
  if (!remote_src || src === undefined) return;
  const from = await behindLinks(host, tidy(await host.absolute(src)));
  const to = await behindLinks(host, root);
  if (!to.startsWith(`${from}/`)) return;
  throw new OrchError({
    code: 'invalid-parameter',
    summary: `${src} can't be copied to ${root}, which is inside of it.`,
    hint: 'Say a dest that is not in src.',
  });
}

async function fileAt(path: string, source: Source, params: CopyParams, host: Host): Promise<File> {
  const wanted = source.content ?? Buffer.alloc(0);
  if (params.checksum !== undefined && params.checksum !== sha1(wanted))
    throw taskFailed(
      'Copied file does not match the expected checksum. Transfer failed.',
      `The sha1 of ${params.src} is ${sha1(wanted)}, not ${params.checksum}.`,
      { checksum: sha1(wanted), expected_checksum: params.checksum },
    );
  const mode = params.mode === 'preserve' ? source.mode : params.mode;
  return { ...(await readPlaced(params, host, path)), wanted, mode, mtime: source.mtime };
}

/** One of the host comes with its own mode over a link or a file of another content, and what root copies is root's. */
async function overAnother(file: File, source: Source, { remote_src, force }: CopyParams, host: Host): Promise<File> {
  if (!remote_src || !force || file.state === undefined || isSame(file.content, file.wanted)) return file;
  const own = source.mode ?? 0o644;
  const mode = modeFrom(file.mode ?? own, own, false);
  if (host.runAs !== undefined || file.state.kind !== 'file') return { ...file, mode };
  const { uid = 0, gid } = file.ids;
  const made = await newIds(host, { uid, gid }, file.path);
  return { ...file, mode, ids: { uid, gid: made.gid ?? 0 } };
}

/** Of a folder of the host a file is copied with its mode; one that is there as it is keeps its own. */
async function fileOfHost(path: string, source: Source, params: CopyParams, host: Host): Promise<File> {
  const file = await fileAt(path, source, params, host);
  return { ...file, mode: isSame(file.content, file.wanted) ? undefined : source.mode };
}

async function folderAt(path: string, ids: Ids, host: Host): Promise<Folder> {
  const state = await host.stat(path);
  if (state !== undefined) return { path, state, newMode: state.mode, newIds: ids };
  return { path, state, newMode: await newFolderMode(host, path), newIds: await newIds(host, ids, path) };
}

function folderSteps(folder: Folder, { directory_mode }: CopyParams, current: Current): Step[] {
  const { path, state } = folder;
  if (state !== undefined) return attributeSteps(path, state, { ...current.ids, mode: folder.mode });
  const said = folder.mode ?? directory_mode ?? folder.firstMode;
  return newFolderSteps(path, said, folder.newMode, folder.newIds);
}

async function linkAt(path: string, target: string, ids: Ids, host: Host): Promise<Link> {
  const state = await host.stat(path);
  if (state?.kind === 'directory' || state?.kind === 'other')
    throw taskFailed(`${path} is there and is no link.`, 'Remove it first.');
  return {
    path,
    target,
    state,
    newIds: await newIds(host, ids, path),
    content: state?.kind === 'file' && state.size <= heldBytes ? await host.readFile(path) : undefined,
  };
}

function linkSteps({ path, target, state, newIds, content }: Link, { force }: CopyParams): readonly Step[] {
  const is = state?.kind === 'symlink' && state.target === target;
  if (is || (state !== undefined && !force)) return [];
  const old = fileAction(
    state?.kind === 'symlink' ? { do: 'symlink', path, target: state.target ?? '' } : { do: 'unlink', path },
  );
  return [
    ...(state?.kind === 'file' ? removalSteps([{ path, state, content }]).steps : []),
    { object: `file ${path}`, action: fileAction({ do: 'symlink', path, target }), undo: [old] },
    ...newOwnerSteps(path, newIds),
  ];
}

/** What is told of a file; `kept`: it stays as it is. */
function told(params: CopyParams, file: File, kept: boolean) {
  const { path, wanted, state, content } = file;
  const lasting = kept && content ? content : wanted;
  return {
    dest: path,
    src: params.src,
    checksum: sha1(lasting),
    ...(isSame(content, lasting) ? {} : { md5sum: md5(lasting) }),
    size: sizeOf(lasting),
    ...ownership(kept ? state?.mode : file.mode, file),
  };
}

function filePlan(params: CopyParams, file: File): Plan {
  const kept = file.state !== undefined && !params.force;
  const plan = placedPlan({ ...params, mode: file.mode }, file);
  // Ansible tells `path` of a file whose content stays, and not of one that is written.
  const path = kept || isSame(file.content, file.wanted) ? file.path : undefined;
  const result = { ...told(params, file, kept), path, ...(kept ? {} : plan.result) };
  return kept ? { ...plan, steps: [], after: plan.before, warnings: [], result } : { ...plan, result };
}

/**
 * Of a folder of the workstation all files get the mode of the task; of one of the host it is that of the folder itself, and of the
 * one that is made for it. (Ansible gives it to the former in a second run only.)
 */
async function treeAt(sources: readonly Source[], params: CopyParams, ids: Ids, host: Host) {
  const { src = '', remote_src } = params;
  const dest = tidy(params.dest);
  const root = src.endsWith('/') ? dest : joined(dest, baseName(src));
  await refuseOwnInside(params, host, root);
  const missing = await missingFolders(host, root);
  const isNew = missing.includes(dest);
  const top = remote_src && !isNew ? root : dest;
  const own = params.mode === 'preserve' ? (await host.stat(tidy(await host.absolute(src))))?.mode : params.mode;
  const folder = async (path: string, firstMode?: number): Promise<Folder> => {
    const mode = remote_src && (path === root || (isNew && path === dest)) ? own : undefined;
    return { ...(await folderAt(path, ids, host)), mode, firstMode };
  };
  const above = [...missing, ...(missing.includes(root) ? [] : [root])];
  const below = sources.filter(({ content, link }) => content === undefined && link === undefined);
  const folders = [
    ...above.map((path) => folder(path)),
    ...below.map(({ path, mode }) => folder(joined(root, path), remote_src ? mode : undefined)),
  ];
  const links = sources.flatMap(({ path, link }) =>
    link === undefined ? [] : linkAt(joined(root, path), link, ids, host),
  );
  const place = remote_src ? fileOfHost : fileAt;
  const files = sources
    .filter(({ content }) => content !== undefined)
    .map((source) => place(joined(root, source.path), source, params, host));
  const [placed, made, linked] = [await Promise.all(files), await Promise.all(folders), await Promise.all(links)];
  return { folders: made, files: placed, links: linked, whole: top };
}

export const module = defineModule({
  name: 'copy',
  asUser: true,
  aliases: ownerAliases,
  form: 'converge',
  tellsFile: true,
  summary: 'Puts a file or a whole folder on the host, with content, owner and permissions.',
  notes:
    'Written under another name and renamed, so that nobody sees half a file. A symbolic link at `dest` is replaced by ' +
    "the file; one on the way that a user made is followed only to what is that user's. Of a folder whose name ends with a slash " +
    'only what is in it is copied; of one of the host files keep their modes, and `mode` is that of the folder. `orch destroy` brings back the old content up to 1 MiB.',
  examples: [
    'copy:\n  content: |\n    nameserver 172.16.91.2\n  dest: /etc/resolv.conf\n  mode: "0644"',
    'copy:\n  src: frr.conf\n  dest: /etc/frr/\n  owner: root\n  mode: u=rw,g=r,o=\n  backup: true',
    'copy:\n  src: site/\n  dest: /srv/www\n  mode: "0644"\n  directory_mode: "0755"',
  ],
  params: copyParams,
  objects: (_params, { folders, files, links }: Current) =>
    [...folders, ...files, ...links].map(({ path }) => `file ${path}`),
  repeats: ({ mode }) => copiesBits(mode),

  async read(params, host): Promise<Current> {
    const sources = await sourcesOf(params, host);
    const ids = await wantedIds(host, params);
    if (!('path' in sources)) return { ...(await treeAt(sources, params, ids, host)), ids };
    const { path, stray } = await targetOf(params, host);
    const missing = params.dest.endsWith('/') ? await missingFolders(host, folderOf(path)) : [];
    const file = await overAnother(await fileAt(path, sources, params, host), sources, params, host);
    if (file.state === undefined && missing.length === 0) await requireFolder(host, path);
    return {
      folders: await Promise.all(missing.map((each) => folderAt(each, ids, host))),
      files: [file],
      links: [],
      ...{ whole: undefined, stray, ids },
    };
  },

  plan(params, current) {
    const { folders, files, links, whole } = current;
    const made = [
      ...folders.flatMap((folder) => folderSteps(folder, params, current)),
      ...links.flatMap((link) => linkSteps(link, params)),
    ];
    const plans = files.map((file) => filePlan(params, file));
    const steps = [...made, ...plans.flatMap((plan) => plan.steps)];
    heed(current.stray, steps);
    const [only] = plans;
    if (whole === undefined && only) return { ...only, steps };
    const changed = plans.filter((plan) => plan.steps.length > 0);
    const warnings = plans.flatMap((plan) => plan.warnings ?? []);
    return {
      steps,
      before: changed.map(({ before }) => before),
      after: changed.map(({ after }) => after),
      warnings,
      result: {
        src: params.src,
        ...(params.remote_src ? { dest: whole, checksum: null, md5sum: null } : { dest: params.dest }),
      },
    };
  },
});
