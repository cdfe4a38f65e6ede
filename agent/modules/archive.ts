import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule, mayBeMade, type RunContext } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { entriesOf, findSources, type Sources } from './shared/files/archive-sources.ts';
import { flagSteps } from './shared/files/flags.ts';
import { requireTrusted, sourceEnd } from './shared/files/links.ts';
import { fileMode } from './shared/files/mode.ts';
import { type Ids, ownerAliases, ownerFields, wantedIds } from './shared/files/owner.ts';
import { baseName, folderOf, joined, tidy } from './shared/files/path.ts';
import { attributeSteps, fileAction } from './shared/files/steps.ts';
import type { Entry } from './shared/files/tree.ts';
import { taskFailed } from './shared/programs.ts';
import { taken } from './shared/taken.ts';

/** Programs that pack; the same with -dc unpacks. Without the time, so that the same makes the same. */
const packers = { gz: 'gzip -n', bz2: 'bzip2', xz: 'xz', zstd: 'zstd -q' } as const;

const path = hostPath.regex(/^[^\n\r]*$/, 'holds a newline');

const fields = z.strictObject({
  path: z
    .array(path)
    .min(1)
    .describe(
      'Files and folders to pack; * and ? stand for any names. With a slash at its end a folder is packed without its name.',
    ),
  dest: path.optional().describe('The archive; default for a single file: its name and the format.'),
  format: z.enum(['bz2', 'gz', 'tar', 'xz', 'zip', 'zstd']).default('gz').describe('How it is packed.'),
  exclude_path: z.array(path).default([]).describe('Paths to leave out of those that `path` stands for.'),
  exclusion_patterns: z.array(z.string()).default([]).describe('Patterns of names to leave out at any depth.'),
  force_archive: z.boolean().default(false).describe('Make an archive of a single file, too.'),
  remove: z.boolean().default(false).describe('Remove what was packed.'),
  mode: fileMode.optional().describe('Permissions of the archive.'),
  ...ownerFields,
  unsafe_writes: taken('it is replaced at once in any case'),
});
type Params = z.infer<typeof fields>;

async function run(host: Host, context: RunContext, argv: readonly string[], stdin?: string, cwd?: string) {
  const command = { argv, stdin, cwd, runAs: host.runAs, env: { LC_ALL: 'C' } };
  return host.exec(command, { signal: context.signal, onlyReads: true });
}

/** What sh(1) does with files, which it knows as $1 and so on. */
function shell(script: string, ...files: readonly string[]): readonly string[] {
  return ['sh', '-c', script, 'sh', ...files];
}

/** Packs into a new file. */
async function pack(
  params: Params,
  sources: Sources,
  entries: readonly Entry[],
  made: string,
  host: Host,
  context: RunContext,
) {
  const { format } = params;
  const names = entries.map((entry) => entry.path.slice(sources.root.length));
  const told = (end: string) => names.map((name) => `${name}${end}`).join('');
  const [single = ''] = sources.targets;
  const packer = format === 'tar' || format === 'zip' ? undefined : packers[format];
  // zip makes no empty one.
  const zip =
    names.length > 0
      ? ['zip', '-q', '-X', '-y', made, '-@']
      : shell(`printf 'PK\\5\\6%018d' 0 | tr 0 '\\0' >"$1"`, made);
  const tar = [
    'tar',
    '-C',
    sources.root,
    '--null',
    '--no-recursion',
    ...(packer ? ['-I', packer] : []),
    '-cf',
    made,
    '-T',
    '-',
  ];
  const done = await (format === 'zip'
    ? run(host, context, zip, told('\n'), sources.root)
    : sources.archive || packer === undefined
      ? run(host, context, tar, told('\0'))
      : run(host, context, shell(`${packer} -c <"$1" >"$2"`, (await sourceEnd(host, single))?.path ?? single, made)));
  // What grows meanwhile, such as a log, is packed as it was.
  const isFine = (line: string) => /: (file changed as we read it|socket ignored)$/.test(line);
  const passes = done.status === 1 && !params.remove && done.stderr.trimEnd().split('\n').every(isFine);
  if (done.status !== 0 && !passes)
    throw taskFailed(`Errors when writing archive at ${sources.dest}: ${done.stderr.trim()}`);
}

/** What is in it, in a form that is the same for the same content. */
async function sumOf(file: string, { format }: Params, host: Host, context: RunContext): Promise<string> {
  if (format === 'zip') {
    const { status } = await run(host, context, ['unzip', '-tqq', file]);
    const { stdout } = await run(host, context, ['unzip', '-vqq', file]);
    // The time of a folder that it is in is another each time.
    return `${status} ${stdout.replace(/^.* 00000000 {2}(?=.*\/$)/gm, '')}`;
  }
  const unpack = format === 'tar' ? 'cat' : `${packers[format]} -dc`;
  // One that is cut off is another.
  return (await run(host, context, shell(`(${unpack} <"$1" || echo) | sha256sum`, file))).stdout;
}

/** Owner and permissions of the archive; true where it had others. */
async function attributed(params: Params, ids: Ids, place: string, host: Host, context: RunContext): Promise<boolean> {
  const state = await host.stat(place);
  if (state === undefined) return false;
  const steps = [
    ...attributeSteps(place, state, { ...ids, mode: params.mode }),
    ...(await flagSteps(host, place, params.attributes, true)),
  ];
  if (!context.check) for (const { action } of steps) await context.apply(action);
  return steps.length > 0;
}

/** Makes the archive; true where it has another content than before. */
async function make(params: Params, sources: Sources, entries: readonly Entry[], host: Host, context: RunContext) {
  const { place } = sources;
  const made = `${place}.${randomBytes(6).toString('hex')}.${params.format}`;
  // Where its folder is packed, too, that would be another each time.
  const isOwn = host.runAs === undefined;
  const isKept = isOwn && !params.remove && params.format !== 'zip';
  const found = isKept ? entries.find((entry) => entry.path === folderOf(place)) : undefined;
  // Another user could put a link there meanwhile.
  const isSafe = found?.state.uid === process.geteuid?.() && ((found?.state.mode ?? 0) & 0o22) === 0;
  const folder = isSafe ? found : undefined;
  const keepTime = async () => {
    if (folder === undefined) return;
    await context.apply(fileAction({ do: 'times', path: folder.path, mtime: folder.state.mtimeMs }));
  };
  try {
    if (folder) await run(host, context, ['touch', '--', made]);
    await keepTime();
    await pack(params, sources, entries, made, host, context);
    const [old, own] = [await host.stat(place), await host.stat(made)];
    const before = old === undefined ? undefined : await sumOf(place, params, host, context);
    const changed = before !== (await sumOf(made, params, host, context));
    // It keeps the owner and permissions of the one before it.
    const ids = { uid: isOwn ? old?.uid : undefined, gid: isOwn ? old?.gid : undefined };
    if (changed && old && own)
      for (const { action } of attributeSteps(made, own, { ...ids, mode: old.mode })) await context.apply(action);
    const placed = changed ? await run(host, context, ['mv', '-fT', '--', made, place]) : undefined;
    if (placed !== undefined && placed.status !== 0) throw taskFailed(placed.stderr.trim());
    if (params.remove) {
      const packed = new Set(entries.map((entry) => entry.path));
      const folders = await Promise.all(sources.targets.map((target) => host.stat(joined(target, '.'))));
      const gone = sources.targets.filter((target, at) => folders[at] !== undefined || packed.has(target));
      const done = gone.length > 0 ? await run(host, context, ['rm', '-rf', '--', ...gone.map(tidy)]) : undefined;
      if (done && done.status !== 0) throw taskFailed(`Error deleting some source files: ${done.stderr.trim()}`);
    }
    return changed;
  } finally {
    await run(host, { ...context, signal: new AbortController().signal }, ['rm', '-f', '--', made]);
    await keepTime();
  }
}

function stateOf({ archive, dest, missing }: Sources, { format }: Params, there: boolean, packed: boolean): string {
  if (!there) return 'absent';
  if (!packed) return /\.(tar|tar\.(gz|bz2|xz|zst)|tgz|tbz2|tzst|zip)$/i.test(baseName(dest)) ? 'archive' : 'compress';
  if (archive && missing.length > 0) return 'incomplete';
  return archive || format === 'zip' || format === 'tar' ? 'archive' : 'compress';
}

export const module = defineRunModule({
  name: 'archive',
  asUser: true,
  aliases: ownerAliases,
  form: 'run',
  tellsFile: true,
  checkMode: 'run',
  summary: 'Packs files and folders of the host into an archive.',
  notes:
    'As community.general.archive, by tar(1), zip(1) and the programs that pack. It is replaced at once, and only by another content. Of up to 20,000 files. `orch destroy` leaves it there.',
  examples: [
    'archive:\n  path: [/etc/frr]\n  dest: /root/frr.tgz',
    'archive:\n  path: [/var/log/*.log]\n  dest: /root/logs.zip\n  format: zip\n  exclusion_patterns: ["*.gz"]',
  ],
  params: fields,
  async run(params, host, context) {
    const ids = await wantedIds(host, params);
    const sources = await findSources(params, host);
    const { dest, place, targets, archive } = sources;
    const there = (await host.stat(place)) !== undefined;
    const entries = await entriesOf(params, sources, host);
    let changed = false;
    if (targets.length > 0) {
      const folder = folderOf(place);
      if ((await host.stat(joined(folder, '.'))) === undefined && !mayBeMade(folder, host))
        throw taskFailed(`There is no folder ${folder} for ${dest}.`, 'A file task before this one makes it.');
      await requireTrusted(host, folder);
      if (context.check) changed = archive || !there;
      else changed = await make(params, sources, entries, host, context);
    }
    if (!(changed && context.check)) changed = (await attributed(params, ids, place, host, context)) || changed;
    const packed = targets.length > 0 && !context.check;
    // As in Ansible a zip tells of files alone.
    const told = entries.filter(({ state }) => params.format !== 'zip' || state.kind !== 'directory');
    const result = {
      ...{ dest, arcroot: sources.root, missing: sources.missing },
      archived: packed ? told.map((entry) => entry.path) : [],
      ...{ expanded_paths: sources.expanded, expanded_exclude_paths: sources.excluded },
      dest_state: stateOf(sources, params, there || packed, packed),
    };
    return { changed, result };
  },
});
