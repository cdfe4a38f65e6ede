import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { findFirst } from '../../proto/regex.ts';
import type { Host } from '../linux/host.ts';
import { defineRunModule, type RunContext } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { expanded, isGlob } from './shared/files/expand.ts';
import { flagSteps } from './shared/files/flags.ts';
import { judgedEnd, requireTrusted, sourceEnd } from './shared/files/links.ts';
import { fileMode } from './shared/files/mode.ts';
import { type Ids, ownerAliases, ownerFields, wantedIds } from './shared/files/owner.ts';
import { baseName, folderOf, joined, tidy } from './shared/files/path.ts';
import { attributeSteps } from './shared/files/steps.ts';
import { type Entry, readTree } from './shared/files/tree.ts';
import { globPattern } from './shared/glob.ts';
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

interface Sources {
  readonly expanded: readonly string[];
  readonly excluded: readonly string[];
  /** Those that are there, and those that are not. */
  readonly targets: readonly string[];
  readonly missing: readonly string[];
  /** The folder that names in the archive count from, with a slash at its end. */
  readonly root: string;
  readonly archive: boolean;
  readonly dest: string;
}

/** The deepest folder that all are in, with a slash at its end. */
function commonRoot(paths: readonly string[]): string {
  const folders = paths.map((each) => each.slice(0, each.lastIndexOf('/') + 1));
  const [first = '/'] = folders;
  let length = 0;
  while (length < first.length && folders.every((folder) => folder[length] === first[length])) length += 1;
  return first.slice(0, first.lastIndexOf('/', length - 1) + 1) || '/';
}

/** What a pattern stands for. As in Ansible names of what is in a folder count from it where a slash ends the pattern. */
async function withSlash(host: Host, pattern: string): Promise<readonly string[]> {
  const found = await expanded(host, tidy(pattern));
  return pattern.endsWith('/') ? found.map((each) => joined(each, '')) : found;
}

async function findSources(params: Params, host: Host): Promise<Sources> {
  const expand = async (patterns: readonly string[]) =>
    (await Promise.all(patterns.map((each) => withSlash(host, each)))).flat();
  const [all, excluded] = [await expand(params.path), await expand(params.exclude_path)];
  const paths = [...new Set(all)].filter((each) => !excluded.includes(each)).toSorted();
  const [first] = paths;
  if (first === undefined)
    throw taskFailed('Error, no source paths were found', `Looked for ${params.path.join(', ')}.`);
  const states = await Promise.all(paths.map((each) => host.stat(each)));
  const isFolder = (await host.stat(joined(first, '.')))?.kind === 'directory';
  const archive = params.force_archive || params.path.some(isGlob) || paths.length > 1 || isFolder;
  if (archive && params.dest === undefined)
    throw taskFailed('Error, must specify "dest" when archiving multiple files or trees');
  const dest = tidy(params.dest ?? `${first}.${params.format}`);
  if (params.remove && paths.some((each) => dest.startsWith(joined(tidy(each), ''))))
    throw taskFailed('Error, created archive can not be contained in source paths when remove=true');
  return {
    ...{ expanded: all, excluded, archive, dest, root: commonRoot(paths) },
    targets: paths.filter((_, at) => states[at] !== undefined),
    missing: paths.filter((_, at) => states[at] === undefined),
  };
}

/** Of a link to a folder, what is in that; a user's link to what is not that user's stays a link. */
async function treeOf(host: Host, target: string): Promise<readonly Entry[]> {
  const { path: end, state, stray } = (await judgedEnd(host, target)) ?? {};
  const leads = end !== target && state?.kind === 'directory' && stray === undefined;
  return readTree(host, leads ? joined(target, '') : target);
}

/** All that goes into the archive. Of tar it is the name in it that patterns are about, of zip the path. */
async function entriesOf(params: Params, sources: Sources, host: Host): Promise<readonly Entry[]> {
  const patterns = params.exclusion_patterns.map(globPattern);
  const flags = { ignoreCase: false, multiline: false };
  const trees = await Promise.all(sources.targets.map((target) => treeOf(host, target)));
  const entries = trees.flatMap(([top, ...below]) =>
    !top || top.state.kind === 'directory' ? below : [top, ...below],
  );
  return entries.filter(({ path: each }) => {
    if (each === sources.dest || each.includes('\n')) return false;
    const name = params.format === 'zip' ? each : each.slice(sources.root.length);
    return !patterns.some((pattern) => findFirst(pattern, name, flags, 'match') !== undefined);
  });
}

async function run(host: Host, context: RunContext, argv: readonly string[], stdin?: string, cwd?: string) {
  const command = { argv, stdin, cwd, runAs: host.runAs, env: { LC_ALL: 'C' } };
  return host.exec(command, { signal: context.signal, onlyReads: true });
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
  const [single = ''] = sources.targets;
  const packer = format === 'tar' || format === 'zip' ? undefined : packers[format];
  const done = await (format === 'zip'
    ? run(host, context, ['zip', '-q', '-X', '-y', made, '-@'], names.map((name) => `${name}\n`).join(''), sources.root)
    : sources.archive || packer === undefined
      ? run(
          host,
          context,
          [
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
          ],
          names.map((name) => `${name}\0`).join(''),
        )
      : run(host, context, [
          'sh',
          '-c',
          `${packer} -c <"$1" >"$2"`,
          'sh',
          (await sourceEnd(host, single))?.path ?? single,
          made,
        ]));
  if (done.status !== 0) throw taskFailed(`Errors when writing archive at ${sources.dest}: ${done.stderr.trim()}`);
}

/** What is in it, in a form that is the same for the same content. */
async function sumOf(file: string, { format }: Params, host: Host, context: RunContext): Promise<string> {
  if (format === 'zip') return (await run(host, context, ['unzip', '-vqq', file])).stdout;
  const unpack = format === 'tar' ? 'cat' : `${packers[format]} -dc`;
  return (await run(host, context, ['sh', '-c', `${unpack} <"$1" | sha256sum`, 'sh', file])).stdout;
}

/** Owner and permissions of the archive; true where it had others. */
async function attributed(params: Params, ids: Ids, dest: string, host: Host, context: RunContext): Promise<boolean> {
  const state = await host.stat(dest);
  if (state === undefined) return false;
  const steps = [
    ...attributeSteps(dest, state, { ...ids, mode: params.mode }),
    ...(await flagSteps(host, dest, params.attributes, true)),
  ];
  if (!context.check) for (const { action } of steps) await context.apply(action);
  return steps.length > 0;
}

/** Makes the archive; true where it has another content than before. */
async function make(params: Params, sources: Sources, entries: readonly Entry[], host: Host, context: RunContext) {
  const { dest } = sources;
  const made = `${dest}.${randomBytes(6).toString('hex')}.${params.format}`;
  try {
    await pack(params, sources, entries, made, host, context);
    const before = (await host.stat(dest)) === undefined ? undefined : await sumOf(dest, params, host, context);
    const changed = before !== (await sumOf(made, params, host, context));
    const placed = changed ? await run(host, context, ['mv', '-fT', '--', made, dest]) : undefined;
    if (placed !== undefined && placed.status !== 0) throw taskFailed(placed.stderr.trim());
    if (params.remove) {
      const packed = new Set(entries.map((entry) => entry.path));
      const folders = await Promise.all(sources.targets.map((target) => host.stat(joined(target, '.'))));
      const gone = sources.targets.filter((target, at) => folders[at] !== undefined || packed.has(target));
      if (gone.length > 0) await run(host, context, ['rm', '-rf', '--', ...gone.map(tidy)]);
    }
    return changed;
  } finally {
    await run(host, { ...context, signal: new AbortController().signal }, ['rm', '-f', '--', made]);
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
    const { dest, targets, archive } = sources;
    const there = (await host.stat(dest)) !== undefined;
    const entries = targets.length === 0 ? [] : await entriesOf(params, sources, host);
    let changed = false;
    if (targets.length > 0) {
      await requireTrusted(host, folderOf(dest));
      if (context.check) changed = archive || !there;
      else changed = await make(params, sources, entries, host, context);
    }
    if (!(changed && context.check)) changed = (await attributed(params, ids, dest, host, context)) || changed;
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
