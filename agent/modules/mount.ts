import { posix } from 'node:path';
import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { checked, hostPath, pathText } from './shared/fields.ts';
import { type Edited, editPlan, linesOf, readEdited } from './shared/files/edit.ts';
import { behindLinks } from './shared/files/links.ts';
import { joined, tidy } from './shared/files/path.ts';
import { fileAction } from './shared/files/steps.ts';
import { missingFolders } from './shared/files/tree.ts';
import { entryFor, type FstabEntry, withEntry, withoutEntry } from './shared/mount/fstab.ts';
import { type Mount, mountAt, parseMounts, sourcesOf } from './shared/mount/mounted.ts';
import { mountAction, remountAction, remountByFstab, unmountAction } from './shared/mount/programs.ts';
import { taskFailed } from './shared/programs.ts';

/** A word of fstab and of mount(8)'s command line. */
const word = checked((text) => {
  if (text === '' || /[\n\r\0]/.test(text)) return 'is empty or has a line end';
  return text.startsWith('-') ? 'cannot begin with "-"' : undefined;
});
const digit = z.union([z.string().regex(/^[0-9]$/, 'is a digit'), z.int().min(0).max(9)]);
const states = [
  ...(['absent', 'absent_from_fstab', 'absent_mount', 'ephemeral', 'mounted', 'present'] as const),
  ...(['remounted', 'unmounted'] as const),
] as const;

const fields = z.strictObject({
  path: pathText.regex(/^[^\n\r]*$/, 'holds a newline').describe('The mount point; "none" for a swap area.'),
  state: z
    .enum(states)
    .describe(
      'present: it has its line in fstab. mounted: and is mounted now. ephemeral: it is mounted without a line. unmounted: it is not mounted, the line stays. remounted: mount(8) remounts it. absent: unmounted, line and folder are gone; absent_mount: the folder stays; absent_from_fstab: only the line goes.',
    ),
  src: word.optional().describe('What is mounted: a device, UUID=..., server:/folder, or a folder to bind.'),
  fstype: word.optional().describe('Its file system ("ext4", "nfs", "none" with the option bind).'),
  opts: word.optional().describe('Options of mount(8) or the file system; default: defaults.'),
  opts_no_log: z.boolean().default(false).describe('Show the options nowhere (a password of cifs).'),
  dump: digit.default('0').describe('Field of dump(8) in fstab.'),
  passno: digit.default('0').describe('Field of fsck(8) in fstab: 0, 1 for the root file system, or 2.'),
  fstab: hostPath.default('/etc/fstab').describe('The file.'),
  boot: z.boolean().default(true).describe('false: it is not mounted as the host is started (noauto).'),
  backup: z.boolean().default(false).describe('Keep the old fstab beside the new one, with the time in its name.'),
});
type Params = z.infer<typeof fields>;

interface Current {
  readonly path: string;
  readonly fstab: Edited;
  /** The line that fstab has for the path. */
  readonly entry: FstabEntry | undefined;
  readonly mount: Mount | undefined;
  /** Whether it is `src` that is mounted; undefined where that can't be known. */
  readonly same: boolean | undefined;
  /** Folders to make for the mount point. */
  readonly missing: readonly string[];
  readonly isFolder: boolean;
}

/** Swap areas have no mount point. */
function isNowhere(path: string): boolean {
  return path === 'none' || path === 'swap';
}

/** The line that is wanted. */
function entryOf(params: Params, path: string): FstabEntry {
  const { src = '', fstype = '', opts = 'defaults', boot } = params;
  const noauto = !boot && !opts.split(',').includes('noauto');
  const [dump, passno] = [String(params.dump), String(params.passno)];
  return { src, path, fstype, opts: noauto ? `${opts},noauto` : opts, dump, passno };
}

/** A path without symbolic links, as /proc/self/mountinfo has it. */
async function realPath(host: Host, path: string): Promise<string> {
  let real = '/';
  for (const name of path.split('/').filter((part) => part !== ''))
    real = posix.normalize(await behindLinks(host, joined(real, name)));
  return real;
}

/** The file that a loop device is made of. */
async function backedBy(host: Host, device: string): Promise<readonly string[]> {
  const [, loop] = /^\/dev\/(loop\d+)$/.exec(device) ?? [];
  const file = loop === undefined ? undefined : await host.readFile(`/sys/block/${loop}/loop/backing_file`);
  return file === undefined ? [] : [file.toString('utf8').trimEnd()];
}

async function isSame(host: Host, src: string | undefined, mount: Mount, mounts: readonly Mount[]) {
  if (src === undefined || /^[A-Z]+=/.test(src)) return undefined;
  const names = [...sourcesOf(mount, mounts), ...(await backedBy(host, mount.src))];
  if (names.includes(src)) return true;
  if (!src.startsWith('/')) return false;
  const real = await realPath(host, src);
  return (await Promise.all(names.map((name) => (name.startsWith('/') ? realPath(host, name) : name)))).includes(real);
}

/** Steps that bring the mount to what is wanted. */
function mountSteps(current: Current, wanted: FstabEntry): readonly Step[] {
  const { path, mount, entry } = current;
  const object = `mount ${path}`;
  const folders = current.missing.map((folder) => ({
    object: `file ${folder}`,
    action: fileAction({ do: 'mkdir', path: folder, mode: 0o755 }),
    undo: [fileAction({ do: 'rmdir', path: folder })],
  }));
  if (mount === undefined) return [...folders, { object, action: mountAction(wanted), undo: [unmountAction(path)] }];
  const back = remountAction({ ...wanted, opts: entry?.opts ?? mount.opts });
  return [{ object, part: 'options', action: remountAction(wanted), undo: [back] }];
}

/** What destroy mounts again; undefined: a folder was bound that nothing names. */
function mountedBefore({ path, mount, entry }: Current): FstabEntry | undefined {
  if (entry !== undefined || mount === undefined || mount.root !== '/') return entry;
  return { ...mount, path, opts: `${mount.superOpts},${mount.opts}`, dump: '0', passno: '0' };
}

function unmountSteps(current: Current): readonly Step[] {
  const { path, mount } = current;
  if (mount === undefined) return [];
  const before = mountedBefore(current);
  const undo = before === undefined ? [] : [mountAction(before)];
  return [{ object: `mount ${path}`, action: unmountAction(path), undo, removes: true }];
}

function remountStep({ fstab, opts }: Params, path: string): Step {
  return { object: `mount ${path}`, part: 'options', action: remountByFstab(path, fstab, opts), undo: [] };
}

function folderGone({ path, isFolder }: Current): readonly Step[] {
  if (!isFolder) return [];
  const undo = [fileAction({ do: 'mkdir', path, mode: 0o755 })];
  return [{ object: `file ${path}`, action: fileAction({ do: 'rmdir', path }), undo, removes: true }];
}

/** Text of fstab as it is to be. */
function fstabText({ state, src }: Params, { path, fstab }: Current, wanted: FstabEntry): string {
  const lines = linesOf(fstab.text);
  if (state === 'present' || state === 'mounted') return withEntry(lines, wanted).join('');
  return state.startsWith('absent') ? withoutEntry(lines, path, src).join('') : fstab.text;
}

/** What is done to the mount, before fstab is written; `edits`: fstab changes. */
function liveSteps(params: Params, current: Current, wanted: FstabEntry, edits: boolean): readonly Step[] {
  switch (params.state) {
    case 'mounted':
      return current.mount === undefined || edits ? mountSteps(current, wanted) : [];
    case 'ephemeral':
      return mountSteps(current, wanted);
    case 'remounted':
      return [remountStep(params, current.path)];
    case 'unmounted':
    case 'absent':
    case 'absent_mount':
      return unmountSteps(current);
    default:
      return [];
  }
}

/** What people see of a line. */
function shownEntry({ opts_no_log }: Params, entry: FstabEntry | undefined): FstabEntry | null {
  if (entry === undefined) return null;
  return opts_no_log ? { ...entry, opts: '********' } : entry;
}

function resultOf(params: Params, path: string, wanted: FstabEntry) {
  const { src, fstype, fstab } = params;
  const { dump, passno } = wanted;
  const opts = shownEntry(params, wanted)?.opts;
  return { name: path, src, fstype, opts, dump, passno, fstab, boot: params.boot ? 'yes' : 'no' };
}

function warningsOf(params: Params, current: Current, unmounts: boolean): readonly string[] {
  const { path, mount, same } = current;
  return [
    ...(params.boot && params.opts?.split(',').includes('noauto')
      ? ["Ignore the 'boot' due to 'opts' contains 'noauto'."]
      : []),
    ...(params.state === 'mounted' && same === false
      ? [`${mount?.src} is mounted at ${path}, not ${params.src}: unmount it first`]
      : []),
    ...(unmounts && mountedBefore(current) === undefined ? [`destroy will not mount ${path} again`] : []),
  ];
}

export const module = defineModule({
  name: 'mount',
  form: 'converge',
  slow: true,
  summary: 'Mounts and unmounts file systems, and keeps their lines in fstab.',
  notes:
    'As ansible.posix.mount. Lines and comments of fstab that are not about `path` stay as they are. A line is written once mount(8) has taken it. `ephemeral` and `remounted` always change. `orch destroy` mounts again what was unmounted where it knows the source, without what was in a tmpfs.',
  examples: [
    'mount:\n  path: /srv/data\n  src: /dev/vg0/data\n  fstype: ext4\n  opts: noatime\n  state: mounted',
    'mount:\n  path: /srv/www\n  src: /srv/data/www\n  fstype: none\n  opts: bind,ro\n  state: mounted',
    'mount:\n  path: none\n  src: /swapfile\n  fstype: swap\n  state: absent',
  ],
  aliases: { name: 'path' },
  params: fields.superRefine((params, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (['present', 'mounted', 'ephemeral'].includes(params.state)) {
      const missing = (['src', 'fstype'] as const).filter((field) => params[field] === undefined).join(', ');
      if (missing !== '') issue('state', `state is ${params.state} but all of the following are missing: ${missing}`);
    }
    if (isNowhere(params.path) && !['present', 'absent', 'absent_from_fstab'].includes(params.state))
      issue('path', `a swap area has no mount point that could be ${params.state}: say state present, and run swapon`);
  }),
  objects: (_params, { path, fstab, missing }: Current) => [
    ...[`mount ${path}`, `file ${fstab.path}`],
    ...[...missing, path].map((folder) => `file ${folder}`),
  ],
  repeats: ({ state }) => state === 'ephemeral' || state === 'remounted',

  async read(params, host): Promise<Current> {
    const path = isNowhere(params.path) ? params.path : tidy(await host.absolute(params.path));
    const edit = { path: params.fstab, create: true, backup: params.backup, unsafe_writes: false };
    const fstab = await readEdited(edit, host);
    const entry = entryFor(linesOf(fstab.text), path, params.src);
    const base = { path, fstab, entry, missing: [], isFolder: false, mount: undefined, same: undefined };
    if (isNowhere(path)) return base;
    const mounts = parseMounts((await host.readFile('/proc/self/mountinfo'))?.toString('utf8') ?? '');
    const mount = mountAt(mounts, path) ?? mountAt(mounts, await realPath(host, path));
    const same = mount && (await isSame(host, params.src, mount, mounts));
    if (params.state === 'ephemeral' && same === false) {
      throw taskFailed(
        `${mount?.src} is mounted at ${path}, not ${params.src}.`,
        'Say state: unmounted first, or take another path.',
      );
    }
    const state = await host.stat(`${path}/.`);
    const there = state ?? (await host.stat(path));
    const missing = there === undefined ? await missingFolders(host, path) : [];
    return { ...base, mount, same, missing, isFolder: state?.kind === 'directory' };
  },

  plan(params, current) {
    const { path, fstab, mount, entry } = current;
    const wanted = entryOf(params, path);
    const text = fstabText(params, current, wanted);
    const edits = text !== fstab.text;
    const live = liveSteps(params, current, wanted, edits);
    const made = live.map(({ object }) => object);
    const edit = { path: params.fstab, backup: params.backup, unsafe_writes: false };
    const missing = fstab.missing.filter((folder) => !made.includes(`file ${folder}`));
    const edited = edits ? editPlan(edit, { ...fstab, missing }, text, '') : undefined;
    const gone = params.state === 'absent' && (edits || mount !== undefined) ? folderGone(current) : [];
    const unmounts = live.some((step) => step.removes);
    const before = { path, mounted: mount?.src ?? false, fstab: shownEntry(params, entry) };
    const after = {
      path,
      mounted: unmounts ? false : live.length > 0 ? (mount?.src ?? wanted.src) : before.mounted,
      fstab: shownEntry(params, entryFor(linesOf(text), path, params.src)),
    };
    return {
      steps: [...live, ...(edited?.steps ?? []), ...gone],
      before,
      after,
      warnings: [...warningsOf(params, current, unmounts), ...(edited?.warnings ?? [])],
      result: { ...resultOf(params, path, wanted), backup_file: edited?.result?.backup_file ?? '' },
    };
  },
});
