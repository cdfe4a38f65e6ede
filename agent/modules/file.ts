import { OrchError } from '../../proto/errors.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, heldBytes, type Plan, type Step } from './module.ts';
import { type FileParams, fileParams, isLink, pathOf, stateOf } from './shared/files/file-params.ts';
import { linkThere, lookedAt, readLink, refuseGift, refuseVain, telling, view } from './shared/files/file-place.ts';
import { flagSteps } from './shared/files/flags.ts';
import { behindJudgedLinks, heed } from './shared/files/links.ts';
import { copiesBits, modeFrom, modeText } from './shared/files/mode.ts';
import { type Ids, newIds, ownerAliases, wantedIds } from './shared/files/owner.ts';
import { folderOf, foldersTo, joined } from './shared/files/path.ts';
import { removalSteps } from './shared/files/removal.ts';
import { attributeSteps, fileAction, firstMode, modeOf, newFolderSteps, newOwnerSteps } from './shared/files/steps.ts';
import { timesToSet, touches } from './shared/files/times.ts';
import { type Entry, inTheWay, missingFolders, newFolderMode, readTree } from './shared/files/tree.ts';

interface Current {
  /** What is looked at: the path, or what it leads to. */
  readonly path: string;
  /** The state that is asked for, or meant. */
  readonly wanted: FileParams['state'];
  readonly state: FileState | undefined;
  /** Why root must not work where a link leads. */
  readonly stray: OrchError | undefined;
  /** absent and recurse: the path and all below it. */
  readonly tree: readonly Entry[];
  /** directory: folders that are not there, from the top. */
  readonly missing: readonly string[];
  /** directory: the mode that these have of themselves. */
  readonly newMode: number;
  /** link, hard: whether the link is the wanted one already. */
  readonly linked: boolean;
  /** link, hard: what it leads to, or would. */
  readonly end: Entry | undefined;
  readonly ids: Ids;
  readonly newIds: Ids;
  /** What gives it the attributes that the task says. */
  readonly flags: readonly Step[];
}

const nobody: Ids = { uid: undefined, gid: undefined };

/** Its states are mappings, in Ansible's words. */
interface FilePlan extends Plan {
  readonly before: object;
  readonly after: object;
}

function fail(summary: string, hint: string, result?: Readonly<Record<string, unknown>>): never {
  throw new OrchError({ code: 'task-failed', summary, hint, result });
}

/** Permissions and owner of what is there, and with recurse of all below it. */
function planAttributes(params: FileParams, current: Current, state: FileState): FilePlan {
  const wanted = { ...current.ids, mode: params.mode };
  const entries = params.recurse ? current.tree : [{ path: current.path, state }];
  const steps = entries.flatMap((entry) => attributeSteps(entry.path, entry.state, wanted));
  const { uid = state.uid, gid = state.gid } = current.ids;
  const mode = state.kind === 'symlink' ? state.mode : modeOf(state, wanted);
  const below =
    steps.length > 0 && params.recurse ? { changed_below: new Set(steps.map((step) => step.object)).size } : {};
  return { steps, before: view(state), after: { ...view({ ...state, uid, gid }, mode), ...below } };
}

function planDirectory(params: FileParams, current: Current): FilePlan {
  if (current.state !== undefined) return planAttributes(params, current, current.state);
  const { newIds, newMode } = current;
  const mode = modeFrom(params.mode ?? newMode, newMode, true);
  const steps = current.missing.flatMap((path) => newFolderSteps(path, mode, newMode, newIds));
  return { steps, before: { state: 'absent' }, after: { state: 'directory', mode: modeText(mode) } };
}

/** Its times, where others are asked for; a file that is yet to be made has those of now. */
function timeSteps(params: FileParams, path: string, state: FileState | undefined): Step[] {
  const times = timesToSet(params, state);
  const now = times?.atime === 'now' && times.mtime === 'now';
  if (times === undefined || (now && state === undefined)) return [];
  const action = fileAction(now ? { do: 'touch', path } : { do: 'times', path, ...times });
  const old = { do: 'times', path, atime: state?.atimeMs, mtime: state?.mtimeMs } as const;
  return [{ object: `file ${path}`, part: 'time', action, undo: now || state === undefined ? [] : [fileAction(old)] }];
}

/** The same plan with steps for the times of what is there. */
function withTimes(params: FileParams, { path, state }: Current, plan: FilePlan): FilePlan {
  return state === undefined ? plan : { ...plan, steps: [...plan.steps, ...timeSteps(params, path, state)] };
}

function planTouch(params: FileParams, current: Current): FilePlan {
  const { path } = current;
  const object = `file ${path}`;
  if (current.state !== undefined) return planAttributes(params, current, current.state);
  const mode = modeFrom(params.mode ?? 0o644, 0o644, false);
  const make = {
    object,
    action: fileAction({ do: 'touch', path, mode: firstMode(mode, current.newIds) }),
    undo: [fileAction({ do: 'unlink', path })],
  };
  const steps = [make, ...newOwnerSteps(path, current.newIds, mode), ...timeSteps(params, path, undefined)];
  return { steps, before: { state: 'absent' }, after: { state: 'file', mode: modeText(mode) } };
}

function planLink(params: FileParams, current: Current): FilePlan {
  const { path, state, wanted } = current;
  const target = params.src ?? state?.target ?? '';
  const hard = wanted === 'hard';
  const after = { state: wanted, src: target };
  const attributes = planEnd(params, current);
  heed(current.stray, hard && !current.linked ? [path] : attributes.steps);
  if (current.linked) {
    if (attributes.steps.length === 0) return { ...attributes, before: after, after };
    return {
      ...attributes,
      before: { ...after, leads_to: attributes.before },
      after: { ...after, leads_to: attributes.after },
    };
  }
  if (current.end === undefined && (hard || !params.force)) {
    const from = target.startsWith('/') ? target : joined(folderOf(path), target);
    return fail(
      hard
        ? 'src does not exist'
        : `src file does not exist, use 'force=yes' if you really want to create the link: ${from}`,
      'Make it first; a hard link needs it in any case.',
      hard ? { dest: path, src: target } : { path, src: target },
    );
  }
  const replaced = state !== undefined && state.kind !== 'symlink';
  if (replaced && !params.force)
    return fail(
      hard
        ? `Cannot link, ${(state.links ?? 1) > 1 ? 'different hard link' : state.kind} exists at destination`
        : `refusing to convert from ${state.kind} to symlink for ${path}`,
      'Say force: true to replace it.',
      hard ? { dest: path, src: target } : { path },
    );
  if (current.tree.length > 1)
    return fail(
      `the directory ${path} is not empty, refusing to convert it`,
      'Remove it first: "file: {path: ..., state: absent}".',
    );
  const removed = replaced
    ? removalSteps([{ path, state, content: current.tree[0]?.content }])
    : { steps: [], warnings: [] };
  const old =
    state?.kind === 'symlink'
      ? fileAction({ do: 'symlink', path, target: state.target ?? '' })
      : fileAction({ do: 'unlink', path });
  const source = hard ? (current.end?.path ?? target) : target;
  const make = {
    object: `file ${path}`,
    action: fileAction({ do: hard ? 'link' : 'symlink', path, target: source }),
    undo: [old],
  };
  const owned = hard ? [] : newOwnerSteps(path, current.newIds);
  return {
    steps: [...removed.steps, make, ...owned, ...attributes.steps],
    before: view(state),
    after,
    warnings: [...removed.warnings, ...(attributes.warnings ?? [])],
  };
}

/** Permissions and owner of what a link leads to, or of the link itself without follow. */
function planEnd(params: FileParams, current: Current): FilePlan {
  const { path, state, linked, wanted } = current;
  const asks = [params.mode, params.owner, params.group].some((each) => each !== undefined);
  const itself = wanted === 'link' && !params.follow;
  const end = itself && state !== undefined ? { path, state } : current.end;
  if (!asks || (itself && !linked)) return { steps: [], before: {}, after: {} };
  if (end !== undefined)
    return planAttributes({ ...params, recurse: false }, { ...current, path: end.path }, end.state);
  const warning =
    'Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.';
  return { steps: [], before: {}, after: {}, warnings: [warning] };
}

function planned(params: FileParams, current: Current): FilePlan {
  const { path, state, wanted } = current;
  switch (wanted) {
    case 'absent':
      return { ...removalSteps(current.tree), before: viewed(current.tree, state), after: { state: 'absent' } };
    case 'directory':
      return withTimes(params, current, planDirectory(params, current));
    case 'touch':
      return withTimes(params, current, planTouch(params, current));
    case 'link':
    case 'hard':
      return planLink(params, current);
    default:
      if (state === undefined)
        return fail(
          `file (${path}) is absent, cannot continue`,
          'Say state: touch or directory, or copy a file there.',
          { path, state: 'absent' },
        );
      if (params.state === 'file' && (state.kind === 'directory' || state.kind === 'symlink')) {
        const kind = state.kind === 'directory' ? state.kind : 'link';
        return fail(`file (${path}) is ${kind}, cannot continue`, `Say state: ${kind}.`, { path, state: kind });
      }
      return withTimes(params, current, planAttributes(params, current, state));
  }
}

function ownedAs({ uid = 0, gid = 0 }: Ids, after: unknown) {
  const mode = typeof after === 'object' && after !== null && 'mode' in after ? { mode: after.mode } : {};
  return { ...mode, uid, gid };
}

/** What is removed; of a folder all that is in it, too. */
function viewed(tree: readonly Entry[], state: FileState | undefined): object {
  if (state?.kind !== 'directory') return view(state);
  const inside = tree.slice(1);
  const paths = (folders: boolean) =>
    inside.filter((entry) => (entry.state.kind === 'directory') === folders).map(({ path }) => path);
  return { ...view(state), path_content: { directories: paths(true), files: paths(false) } };
}

/** What is told of the file beside its path. */
function told(params: FileParams, current: Current, { after }: FilePlan) {
  const { wanted, state: there, ids, newIds } = current;
  const path = current.path === pathOf(params) ? params.path : current.path;
  const state = wanted === 'touch' ? 'file' : (wanted ?? there?.kind);
  if (wanted === 'absent') return { path, state };
  const owner = there ? { uid: ids.uid ?? there.uid, gid: ids.gid ?? there.gid } : newIds;
  if (isLink(wanted)) return { state, dest: path, src: params.src ?? there?.target };
  return { state, ...(wanted === 'touch' ? { dest: path } : { path }), ...ownedAs(owner, after) };
}

/** The path, with the folders that it may need, and what a link leads to. */
function pathsOf({ path, wanted, end }: Current): readonly string[] {
  if (wanted === 'directory') return foldersTo(path);
  return end === undefined ? [path] : [path, end.path];
}

/** What is there, and what the task means by it. */
async function readCurrent(params: FileParams, host: Host): Promise<Current> {
  const { own, there } = await lookedAt(params, host);
  const wanted = stateOf(params) ?? linkThere(params, there);
  const link = isLink(wanted);
  const followed = params.follow && !link && wanted !== 'absent';
  const { path, state, stray } = followed ? await behindJudgedLinks(host, own) : { path: own, state: there };
  if (state === undefined) await refuseVain(params, wanted, path, host);
  if (wanted === 'directory' && state?.kind === 'symlink') throw inTheWay(path, 'link');
  const whole = wanted === 'absent' || params.recurse || (link && params.force);
  const removing = wanted === 'absent' || link;
  const follow = params.follow && !removing;
  const made = state !== undefined || !['file', undefined].includes(wanted);
  const ids = made ? await wantedIds(host, params) : nobody;
  if (wanted === 'touch' && state === undefined) await refuseGift(host, ids);
  return {
    ...{ path, wanted, state, stray },
    tree: whole && state !== undefined ? await readTree(host, path, removing ? heldBytes : 0, follow) : [],
    missing: wanted === 'directory' ? await missingFolders(host, path) : [],
    newMode: wanted === 'directory' && state === undefined ? await newFolderMode(host, path) : 0,
    ...(link ? await readLink(params, wanted, host, state) : { linked: false, end: undefined }),
    ids,
    // What is asked of a link that is followed is meant for what it leads to.
    newIds: state && !link ? ids : await newIds(host, wanted === 'link' && params.follow ? nobody : ids, path),
    flags: removing ? [] : await flagSteps(host, path, params.attributes, state !== undefined),
  };
}

export const module = defineModule({
  name: 'file',
  asUser: true,
  form: 'converge',
  tellsFile: true,
  summary: 'Sets permissions and owner of files, makes folders and links, removes.',
  notes:
    'touch gives a file that is there the time of now, which is a change each time; with access_time and ' +
    'modification_time: preserve it only makes one. Links have their times for themselves. What is removed comes back on `orch destroy` up to 1 MiB of content a task.',
  examples: [
    'file:\n  path: /etc/orch\n  state: directory\n  mode: "0750"',
    'file:\n  path: /etc/localtime\n  src: /usr/share/zoneinfo/UTC\n  state: link',
    'file:\n  path: /tmp/old\n  state: absent',
  ],
  params: fileParams,
  aliases: { dest: 'path', name: 'path', ...ownerAliases },
  repeats: (params) => touches(params) || copiesBits(params.mode),
  objects: (_params, current: Current) => pathsOf(current).map((path) => `file ${path}`),

  read: (params, host) => telling(pathOf(params), () => readCurrent(params, host)),

  plan: (params, current) =>
    telling(current.path, () => {
      const { path } = current;
      const { before, after, steps, ...plan } = planned(params, current);
      const all = {
        ...plan,
        before: { path, ...before },
        after: { path, ...after },
        steps: [...steps, ...current.flags],
      };
      // What a link is to lead to may be anybody's: see planLink.
      if (!isLink(current.wanted)) heed(current.stray, all.steps);
      return { ...all, result: told(params, current, all) };
    }),
});
