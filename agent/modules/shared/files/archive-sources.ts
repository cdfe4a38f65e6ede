import { findFirst } from '../../../../proto/regex.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { globPattern } from '../glob.ts';
import { taskFailed } from '../programs.ts';
import { expanded, isGlob } from './expand.ts';
import { behindJudgedLinks, judgedEnd, requireTrusted } from './links.ts';
import { baseName, folderOf, joined, tidy } from './path.ts';
import { type Entry, readTree, requireNames, unfitName } from './tree.ts';

interface Params {
  readonly path: readonly string[];
  readonly dest?: string | undefined;
  readonly format: string;
  readonly exclude_path: readonly string[];
  readonly exclusion_patterns: readonly string[];
  readonly force_archive: boolean;
  readonly remove: boolean;
}

export interface Sources {
  readonly expanded: readonly string[];
  readonly excluded: readonly string[];
  /** Those that are there, but for the archive itself, and those that are not. */
  readonly targets: readonly string[];
  readonly missing: readonly string[];
  /** The folder that names in the archive count from, with a slash at its end. */
  readonly root: string;
  readonly archive: boolean;
  readonly dest: string;
  /** What dest leads to. */
  readonly place: string;
}

/** The deepest folder that all are in, with a slash at its end. */
function commonRoot(paths: readonly string[]): string {
  const folders = paths.map((each) => each.slice(0, each.lastIndexOf('/') + 1));
  const [first = '/'] = folders;
  let length = 0;
  while (length < first.length && folders.every((folder) => folder[length] === first[length])) length += 1;
  return first.slice(0, first.lastIndexOf('/', length - 1) + 1) || '/';
}

/**
 * What a pattern stands for. As in Ansible names of what is in a folder count from it where a slash ends the pattern, of
 * which several stand for folders alone.
 */
async function withSlash(host: Host, pattern: string): Promise<readonly string[]> {
  const found = await expanded(host, tidy(pattern));
  if (!pattern.endsWith('/')) return found;
  const slashed = found.map((each) => joined(each, ''));
  if (!isGlob(pattern)) return slashed;
  const states = await Promise.all(slashed.map((each) => host.stat(joined(each, '.'))));
  return slashed.filter((_, at) => states[at] !== undefined);
}

/** What there is to be packed, and where. Throws OrchError. */
export async function findSources(params: Params, host: Host): Promise<Sources> {
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
  if (params.remove && paths.some((each) => dest.startsWith(joined(tidy(each), '')))) failInside();
  const { path: place, state: old, stray } = await behindJudgedLinks(host, dest);
  if (stray !== undefined) throw stray;
  // A program that looks at a FIFO of some user's would wait for that user.
  if (old !== undefined && old.kind !== 'file') throw taskFailed(`${place} is not a regular file.`);
  const source = archive ? undefined : (await judgedEnd(host, first))?.state;
  if (source?.special === 'fifo') throw taskFailed(`${first} is not a regular file.`);
  const own = await Promise.all(paths.map((each) => isItself(each, { dest, place }, host)));
  const targets = paths.filter((_, at) => states[at] !== undefined && !own[at]);
  const known = new Set<string>();
  for (const each of targets) await requireTrusted(host, each.slice(0, each.lastIndexOf('/')) || '/', known);
  return {
    ...{ expanded: all, excluded, archive, dest, place, targets, root: commonRoot(paths) },
    missing: paths.filter((_, at) => states[at] === undefined),
  };
}

function failInside(): never {
  throw taskFailed('Error, created archive can not be contained in source paths when remove=true');
}

/** The folder that a path is in, links followed. */
async function inodeAbove(host: Host, each: string): Promise<string | undefined> {
  return (await host.stat(joined(folderOf(each), '.')))?.inode;
}

/** Links may lead there. Of those that are to be removed nothing else is. */
async function refuseInside(trees: readonly (readonly Entry[])[], { targets, place }: Sources, host: Host) {
  const inode = await inodeAbove(host, place);
  for (const [at, target] of targets.entries()) {
    const isLink = (await host.stat(tidy(target)))?.kind === 'symlink';
    if (!isLink && inode !== undefined && trees[at]?.some(({ state }) => state.inode === inode)) failInside();
  }
}

/** Whether an entry is the archive before this one, or the link to it, by whatever way it was found. */
async function isItself(each: string, { dest, place }: Pick<Sources, 'dest' | 'place'>, host: Host): Promise<boolean> {
  const names = [dest, place].filter((own) => baseName(own) === baseName(each));
  if (names.length === 0) return false;
  const folder = await inodeAbove(host, each);
  for (const own of names) if ((await inodeAbove(host, own)) === folder) return true;
  return false;
}

/** Of a link to a folder, what is in that; a user's link to what is not that user's stays a link. */
async function treeOf(host: Host, target: string): Promise<readonly Entry[]> {
  const { path: end, state, stray } = (await judgedEnd(host, target)) ?? {};
  const leads = end !== target && state?.kind === 'directory' && stray === undefined;
  return readTree(host, leads ? joined(target, '') : target);
}

/** All that goes into the archive. Of tar it is the name in it that patterns are about, of zip the path. Throws OrchError. */
export async function entriesOf(params: Params, sources: Sources, host: Host): Promise<readonly Entry[]> {
  const patterns = params.exclusion_patterns.map(globPattern);
  const flags = { ignoreCase: false, multiline: false };
  const isWanted = (each: string) => {
    const name = params.format === 'zip' ? each : each.slice(sources.root.length);
    return !patterns.some((pattern) => findFirst(pattern, name, flags, 'match') !== undefined);
  };
  const trees = await Promise.all(sources.targets.map((target) => treeOf(host, target)));
  const lost = sources.missing.find((each) => each.includes('\ufffd') && isWanted(each));
  if (lost !== undefined) throw unfitName(lost);
  await requireNames(host, trees.flat(), isWanted);
  if (params.remove) await refuseInside(trees, sources, host);
  const entries = trees.flatMap(([top, ...below]) =>
    !top || top.state.kind === 'directory' ? below : [top, ...below],
  );
  const wanted: Entry[] = [];
  // They leave them out, and tell nobody.
  const isPacked = ({ special }: FileState) =>
    special !== 'socket' && (params.format !== 'zip' || special === undefined);
  for (const entry of entries)
    if (isPacked(entry.state) && isWanted(entry.path) && !(await isItself(entry.path, sources, host)))
      wanted.push(entry);
  // "-" would be its input.
  const isBroken = (each: string) => /[\r\n]|^-$/.test(each.slice(sources.root.length));
  const broken = wanted.find((entry) => params.format === 'zip' && isBroken(entry.path));
  if (broken) throw taskFailed(`zip cannot be told of ${JSON.stringify(broken.path)}`, 'Say another format.');
  return wanted;
}
