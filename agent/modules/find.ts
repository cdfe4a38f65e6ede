import * as z from 'zod';
import { decode, EncodingProblem } from '../../proto/encoding.ts';
import { findFirst } from '../../proto/regex.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { pathOrNone } from './shared/fields.ts';
import { asTaskFailure } from './shared/files/edit.ts';
import { checksumAlgorithm, checksumOf, fileInfo, Names } from './shared/files/file-info.ts';
import { fileMode, modeFrom } from './shared/files/mode.ts';
import { joined, tidy } from './shared/files/path.ts';
import { unlessRefused } from './shared/files/refused.ts';
import { globPattern } from './shared/glob.ts';

const words = z.union([z.string(), z.array(z.string())]);

/** Words of a list, which a text has between commas. */
const wordsOf = (said: string | readonly string[]): readonly string[] =>
  typeof said === 'string' ? said.split(',') : said;

/** A number with a unit: "-2d", "10m". */
const measured = (units: string) =>
  z.string().regex(new RegExp(`^-?\\d+[${units}]?$`, 'i'), `write it like 10, -10 or 10${units[1]}`);

const params = z.strictObject({
  paths: z.union([pathOrNone, z.array(pathOrNone)]).describe('Folders to look into.'),
  patterns: words
    .default([])
    .describe('Names to find: with * ? [] or, with use_regex, regular expressions. Default: all.'),
  excludes: words.default([]).describe('Names to leave out, of those that were found.'),
  use_regex: z.boolean().default(false).describe("Patterns are Python's regular expressions, from a name's start."),
  contains: z
    .string()
    .optional()
    .describe('Only files with a line that matches this regular expression, from its start.'),
  read_whole_file: z.boolean().default(false).describe('`contains` may match over several lines, anywhere.'),
  file_type: z.enum(['any', 'directory', 'file', 'link']).default('file').describe('What to find.'),
  age: measured('smhdw').optional().describe('At least so old, or with "-" at most: in seconds, or 5m, 4h, 2d, 1w.'),
  age_stamp: z.enum(['atime', 'ctime', 'mtime']).default('mtime').describe('The time that counts.'),
  size: measured('bkmgt').optional().describe('At least so large, or with "-" at most: in bytes, or 10k, 3m, 1g.'),
  recurse: z.boolean().default(false).describe('Look into the folders below, too.'),
  depth: z.int().min(1).optional().describe('So many levels at most, with recurse.'),
  hidden: z.boolean().default(false).describe('Also names that begin with a dot.'),
  follow: z.boolean().default(false).describe('Look into folders that symbolic links lead to.'),
  mode: fileMode.optional().describe('Only what has these permissions.'),
  exact_mode: z.boolean().default(true).describe('Just these permissions, not one of them.'),
  limit: z.int().min(1).optional().describe('Find so many at most.'),
  get_checksum: z.boolean().default(false).describe('Tell the checksum of regular files.'),
  checksum_algorithm: checksumAlgorithm,
  encoding: z.string().optional().describe('How files are written that `contains` looks into. Default: UTF-8.'),
});
type Params = z.infer<typeof params>;

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const unitBytes: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Whether a value is at least as large as the text says, or with a minus at most. */
function within(value: number, text: string | undefined, units: Readonly<Record<string, number>>): boolean {
  if (text === undefined) return true;
  const number = Number.parseInt(text, 10) * (units[text.at(-1)?.toLowerCase() ?? ''] ?? 1);
  return text.startsWith('-') ? value <= -number : value >= number;
}

function fits(name: string, patterns: readonly string[], regex: boolean): boolean {
  const flags = { ignoreCase: false, multiline: false };
  return patterns.some(
    (pattern) => findFirst(regex ? pattern : globPattern(pattern), name, flags, 'match') !== undefined,
  );
}

function named(params: Params, name: string): boolean {
  const patterns = wordsOf(params.patterns);
  if (patterns.length > 0 && !fits(name, patterns, params.use_regex)) return false;
  return !fits(name, wordsOf(params.excludes), params.use_regex);
}

const types = { directory: 'directory', file: 'file', link: 'symlink' } as const;

function selected(params: Params, state: FileState, now: number): boolean {
  const { file_type, mode } = params;
  if (file_type !== 'any' && state.kind !== types[file_type]) return false;
  const stamp = { atime: state.atimeMs, ctime: state.ctimeMs, mtime: state.mtimeMs }[params.age_stamp] ?? 0;
  if (!within((now - stamp) / 1000, params.age, unitSeconds)) return false;
  if (state.kind === 'file' && !within(state.size, params.size, unitBytes)) return false;
  if (mode === undefined) return true;
  const wanted = modeFrom(mode, 0, false);
  return params.exact_mode ? state.mode === wanted : (state.mode & wanted) !== 0;
}

/** Of larger files nobody knows what they contain. */
const searchedBytes = 64 * 1024 * 1024;

/** The text of a file, with line ends as Python reads them; throws Unreadable for what its encoding can't mean. */
function decoded(path: string, content: Buffer, encoding: string | undefined): string {
  try {
    const text = encoding === undefined ? content.toString('utf8') : decode(content, encoding, { fatal: true });
    return text.replace(/\r\n?/g, '\n');
  } catch (error) {
    if (!(error instanceof EncodingProblem)) throw error;
    if (error.message.startsWith('unknown')) throw new Unreadable(error.message);
    throw new Unreadable(`Failed to read the file ${path} due to an encoding error. current encoding: ${encoding}`);
  }
}

/** A file that can't be read ends the look into its folder. */
class Unreadable extends Error {}

async function contains(params: Params, host: Host, path: string, state: FileState): Promise<boolean> {
  const { contains: pattern, file_type } = params;
  if (pattern === undefined || file_type !== 'file' || state.size > searchedBytes)
    return pattern === undefined || file_type !== 'file';
  const text = decoded(path, (await host.readFile(path)) ?? Buffer.alloc(0), params.encoding);
  const flags = { ignoreCase: false, multiline: false };
  if (params.read_whole_file) return findFirst(pattern, text, flags, 'search') !== undefined;
  return text.split(/(?<=\n)/).some((line) => findFirst(pattern, line, flags, 'match') !== undefined);
}

/** Entries that one task looks at, at most. */
const mostExamined = 200_000;

interface Entry {
  readonly path: string;
  /** How many levels below the top, from 1. */
  readonly depth: number;
  readonly name: string;
  readonly state: FileState;
}

/**
 * All in a folder and below it, folders after what stands beside them, one level further than the task's depth. `refused` is
 * told of those that the task's user may not look into.
 */
async function* walk(
  params: Params,
  host: Host,
  top: string,
  refused: (folder: string) => void,
): AsyncGenerator<Entry> {
  const pending = [{ folder: top, depth: 1 }];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { folder, depth } = next;
    const found = await unlessRefused(host.readDir(folder).then((names) => names ?? []));
    if (found === undefined) refused(folder);
    for (const name of found ?? []) {
      const path = joined(folder, name);
      const state = await host.stat(path);
      if (state === undefined) continue;
      yield { path, name, state, depth };
      const below = params.recurse && (params.depth === undefined || depth <= params.depth);
      if (below && (state.kind === 'directory' || (params.follow && (await leadsToFolder(host, path, state))))) {
        pending.push({ folder: path, depth: depth + 1 });
      }
    }
  }
}

async function leadsToFolder(host: Host, path: string, { kind }: FileState): Promise<boolean> {
  return kind === 'symlink' && (await host.stat(`${path}/.`))?.kind === 'directory';
}

export const module = defineRunModule({
  name: 'find',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Finds files, folders or links by name, age, size, content.',
  notes: 'The result has `files`, each with what stat(2) says of it, and how many `matched` of those `examined`.',
  examples: [
    'find:\n  paths: /var/log\n  patterns: "*.gz"\n  age: 4w\n  recurse: true',
    'find:\n  paths: [/etc/netns]\n  file_type: directory',
  ],
  aliases: {
    ...{ name: 'paths', path: 'paths', pattern: 'patterns', exclude: 'excludes' },
    ...{ checksum: 'checksum_algorithm', checksum_algo: 'checksum_algorithm' },
  },
  params,
  async run(params, host) {
    const names = new Names(host);
    const now = Date.now();
    const files: Readonly<Record<string, unknown>>[] = [];
    const skipped: Record<string, string> = {};
    const refused: Record<string, string> = {};
    const refuse = (folder: string) => {
      refused[folder] = `[Errno 13] Permission denied: '${folder}'`;
    };
    let examined = 0;
    const { limit = Number.POSITIVE_INFINITY } = params;
    for (const written of wordsOf(params.paths)) {
      const top = written === '' ? '' : tidy(written);
      if (top === '' || (await host.stat(`${top}/.`))?.kind !== 'directory') {
        skipped[top] = `'${top}' is not a directory`;
        continue;
      }
      try {
        for await (const { path, name, state, depth } of walk(params, host, top, refuse)) {
          examined++;
          if (files.length >= limit || examined > mostExamined) break;
          if (depth > (params.depth ?? depth) || (name.startsWith('.') && !params.hidden)) continue;
          if (!asTaskFailure(() => named(params, name)) || !selected(params, state, now)) continue;
          if (!(await contains(params, host, path, state))) continue;
          const sum = params.get_checksum && state.kind === 'file';
          const checksum = sum ? await checksumOf(host, path, params.checksum_algorithm) : undefined;
          files.push({ ...(await fileInfo(path, state, names)), ...(checksum === undefined ? {} : { checksum }) });
        }
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        skipped[top] = error.message;
      }
    }
    const missed = Object.keys(skipped).length > 0;
    const message = missed
      ? 'Not all paths examined, check warnings for details'
      : files.length >= limit
        ? 'Limit of matches reached'
        : 'All paths examined';
    const result = { files, matched: files.length, examined, skipped_paths: { ...skipped, ...refused } };
    const warnings = Object.entries(skipped).map(
      ([path, why]) => `Skipped '${path}' path due to this access issue: ${why}`,
    );
    return { changed: false, message, result, warnings };
  },
});
