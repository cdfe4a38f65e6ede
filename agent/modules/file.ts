import { OrchError } from '../../proto/errors.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, type Plan, type Step } from './module.ts';
import { type FileParams, fileParams, pathOf, stateOf, touches } from './shared/files/file-params.ts';
import { modeFrom, modeText } from './shared/files/mode.ts';
import { type Ids, newIds, wantedIds } from './shared/files/owner.ts';
import { folderOf, foldersTo, joined } from './shared/files/path.ts';
import { removalSteps } from './shared/files/removal.ts';
import { attributeSteps, fileAction, firstMode, keptBytes, modeOf, newOwnerSteps } from './shared/files/steps.ts';
import { type Entry, missingFolders, readTree } from './shared/files/tree.ts';

interface Current {
  readonly state: FileState | undefined;
  /** absent and recurse: the path and all below it. */
  readonly tree: readonly Entry[];
  /** directory: folders that are not there, from the top. */
  readonly missing: readonly string[];
  /** link, hard: whether the link is the wanted one already, and whether it would lead somewhere. */
  readonly linked: boolean;
  readonly leads: boolean;
  readonly ids: Ids;
  readonly newIds: Ids;
}

async function readLink(params: FileParams, host: Host, state: FileState | undefined) {
  const src = params.src ?? '';
  const target = await host.stat(src.startsWith('/') ? src : joined(folderOf(pathOf(params)), src));
  if (params.state === 'link')
    return { linked: state?.kind === 'symlink' && state.target === src, leads: target !== undefined };
  const linked = state?.inode !== undefined && state.inode === target?.inode;
  return { linked, leads: target?.kind === 'file' };
}

function fail(summary: string, hint: string): never {
  throw new OrchError({ code: 'task-failed', summary, hint });
}

function view(state: FileState | undefined, mode = state?.mode) {
  if (state === undefined || mode === undefined) return { state: 'absent' };
  return { state: state.kind, mode: modeText(mode), uid: state.uid, gid: state.gid, target: state.target };
}

/** Permissions and owner of what is there, and with recurse of all below it. */
function planAttributes(params: FileParams, current: Current, state: FileState): Plan {
  const wanted = { ...current.ids, mode: params.mode };
  const entries = params.recurse ? current.tree : [{ path: pathOf(params), state }];
  const steps = entries.flatMap((entry) => attributeSteps(entry.path, entry.state, wanted));
  const { uid = state.uid, gid = state.gid } = current.ids;
  const mode = state.kind === 'symlink' ? state.mode : modeOf(state, wanted);
  const below =
    steps.length > 0 && params.recurse ? { changed_below: new Set(steps.map((step) => step.object)).size } : {};
  return { steps, before: view(state), after: { ...view({ ...state, uid, gid }, mode), ...below } };
}

function planDirectory(params: FileParams, current: Current): Plan {
  if (current.state !== undefined) return planAttributes(params, current, current.state);
  const mode = modeFrom(params.mode ?? 0o755, 0o755, true);
  const steps = current.missing.flatMap((path): Step[] => {
    const make = fileAction({ do: 'mkdir', path, mode: firstMode(mode, current.newIds) });
    return [
      { object: `file ${path}`, action: make, undo: [fileAction({ do: 'rmdir', path })] },
      ...newOwnerSteps(path, current.newIds, mode),
    ];
  });
  return { steps, before: { state: 'absent' }, after: { state: 'directory', mode: modeText(mode) } };
}

function planTouch(params: FileParams, current: Current): Plan {
  const path = pathOf(params);
  const object = `file ${path}`;
  if (current.state !== undefined) {
    const plan = planAttributes(params, current, current.state);
    const now = { object, part: 'time', action: fileAction({ do: 'touch', path }), undo: [] };
    return touches(params) ? { ...plan, steps: [...plan.steps, now] } : plan;
  }
  const mode = modeFrom(params.mode ?? 0o644, 0o644, false);
  const make = {
    object,
    action: fileAction({ do: 'touch', path, mode: firstMode(mode, current.newIds) }),
    undo: [fileAction({ do: 'unlink', path })],
  };
  const steps = [make, ...newOwnerSteps(path, current.newIds, mode)];
  return { steps, before: { state: 'absent' }, after: { state: 'file', mode: modeText(mode) } };
}

function planLink(params: FileParams, current: Current): Plan {
  const path = pathOf(params);
  const target = params.src ?? '';
  const { state } = current;
  const hard = params.state === 'hard';
  const after = { state: params.state, target };
  if (current.linked) return { steps: [], before: after, after };
  if (!current.leads && (hard || !params.force)) {
    return fail(
      `There is no ${hard ? 'file ' : ''}${target} to point ${path} at.`,
      'Make it first, or say force: true for a symbolic link.',
    );
  }
  if (state?.kind === 'directory')
    return fail(`${path} is a folder.`, 'Remove it first: "file: {path: ..., state: absent}".');
  const replaced = state !== undefined && state.kind !== 'symlink';
  if (replaced && !params.force) return fail(`${path} is there and is no link.`, 'Say force: true to replace it.');
  const removed = replaced
    ? removalSteps([{ path, state, content: current.tree[0]?.content }])
    : { steps: [], warnings: [] };
  const old =
    state?.kind === 'symlink'
      ? fileAction({ do: 'symlink', path, target: state.target ?? '' })
      : fileAction({ do: 'unlink', path });
  const source = hard && !target.startsWith('/') ? joined(folderOf(path), target) : target;
  const make = {
    object: `file ${path}`,
    action: fileAction({ do: hard ? 'link' : 'symlink', path, target: source }),
    undo: [old],
  };
  const owned = hard ? [] : newOwnerSteps(path, current.newIds);
  return { steps: [...removed.steps, make, ...owned], before: view(state), after, warnings: removed.warnings };
}

function planned(params: FileParams, current: Current): Plan {
  const path = pathOf(params);
  const { state } = current;
  switch (stateOf(params)) {
    case 'absent':
      return { ...removalSteps(current.tree), before: view(state), after: { state: 'absent' } };
    case 'directory':
      return planDirectory(params, current);
    case 'touch':
      return planTouch(params, current);
    case 'link':
    case 'hard':
      return planLink(params, current);
    default:
      if (state === undefined)
        return fail(
          `file (${path}) is absent, cannot continue`,
          'Say state: touch or directory, or copy a file there.',
        );
      if (params.state === 'file' && state.kind === 'directory')
        return fail(`${path} is a folder.`, 'Say state: directory.');
      return planAttributes(params, current, state);
  }
}

function ownedAs({ uid = 0, gid = 0 }: Ids, after: unknown) {
  const mode = typeof after === 'object' && after !== null && 'mode' in after ? { mode: after.mode } : {};
  return { ...mode, uid, gid };
}

/** What is told of the file beside its path. */
function told(params: FileParams, current: Current, { after }: Plan) {
  const wanted = stateOf(params);
  const state = wanted === 'touch' ? 'file' : (wanted ?? current.state?.kind);
  if (wanted === 'absent') return { state };
  const { state: there, ids, newIds } = current;
  const owner = there ? { uid: ids.uid ?? there.uid, gid: ids.gid ?? there.gid } : newIds;
  const link = wanted === 'link' || wanted === 'hard';
  const named = link || wanted === 'touch' ? { dest: pathOf(params) } : {};
  return { state, ...named, ...(link ? { src: params.src } : ownedAs(owner, after)) };
}

/** The path, with the folders that it may need. */
function pathsOf(params: FileParams): readonly string[] {
  const path = pathOf(params);
  return stateOf(params) === 'directory' ? foldersTo(path) : [path];
}

export const module = defineModule({
  name: 'file',
  form: 'converge',
  tellsFile: true,
  summary: 'Sets permissions and owner of files, makes folders and links, removes.',
  notes:
    'touch gives a file that is there the time of now, which is a change each time; with access_time and ' +
    'modification_time: preserve it only makes one. What is removed comes back on `orch destroy` up to 1 MiB of content a task.',
  examples: [
    'file:\n  path: /etc/orch\n  state: directory\n  mode: "0750"',
    'file:\n  path: /etc/localtime\n  src: /usr/share/zoneinfo/UTC\n  state: link',
    'file:\n  path: /tmp/old\n  state: absent',
  ],
  params: fileParams,
  aliases: { dest: 'path', name: 'path' },
  repeats: touches,
  objects: (params) => pathsOf(params).map((path) => `file ${path}`),

  async read(params, host): Promise<Current> {
    const path = pathOf(params);
    const state = await host.stat(path);
    const wanted = stateOf(params);
    const link = wanted === 'link' || wanted === 'hard';
    const whole = wanted === 'absent' || params.recurse || (link && params.force);
    const ids = await wantedIds(host, params);
    return {
      state,
      tree: whole && state !== undefined ? await readTree(host, path, wanted === 'absent' || link ? keptBytes : 0) : [],
      missing: wanted === 'directory' ? await missingFolders(host, path) : [],
      ...(link ? await readLink(params, host, state) : { linked: false, leads: false }),
      ids,
      newIds: await newIds(host, ids),
    };
  },

  plan(params, current) {
    const plan = planned(params, current);
    return { ...plan, result: { path: pathOf(params), ...told(params, current, plan) } };
  },
});
