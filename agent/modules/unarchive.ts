import { isUtf8 } from 'node:buffer';
import { OrchError } from '../../proto/errors.ts';
import type { ExecResult, Host } from '../linux/host.ts';
import { defineRunModule, type RunContext } from './module.ts';
import { sentContent } from './shared/files/content.ts';
import { flagSteps } from './shared/files/flags.ts';
import { requireTrusted, sourceEnd } from './shared/files/links.ts';
import { ownerAliases, wantedIds } from './shared/files/owner.ts';
import { joined, tidy } from './shared/files/path.ts';
import { attributeSteps } from './shared/files/steps.ts';
import { isRemote, isUrl, type UnarchiveParams, unarchiveParams } from './shared/files/unarchive-params.ts';
import { downloaded } from './shared/web.ts';

/** Makes a tar archive $1/tar of what unzip(1) unpacks by the words behind it: then one program does for both. */
const asTar =
  'place=$1; shift; mkdir "$place/files" && unzip -q -o "$@" -d "$place/files" >&2 && cd "$place/files" && ' +
  'find . -mindepth 1 -maxdepth 1 -printf "%P\\0" | sort -z | tar --null -cf "$place/tar" -T -';

function fail(summary: string, hint?: string): never {
  throw new OrchError({ code: 'task-failed', summary, ...(hint === undefined ? {} : { hint }) });
}

/** Bytes of the names of an archive that are looked at: where tar would go by more of them nobody knows. */
const longestList = 16 * 1024 * 1024;

/** One program for this task, by its user, with words that do not depend on the host's language. */
async function run(host: Host, context: RunContext, argv: readonly string[]): Promise<ExecResult> {
  const command = { argv, runAs: host.runAs, env: { LC_ALL: 'C' } };
  return host.exec(command, { signal: context.signal, onlyReads: true, limit: longestList });
}

/** Of an archive that no program reads. */
function failUnread({ src }: UnarchiveParams, why: string): never {
  const summary = `Failed to find handler for "${src}". Make sure the required command to extract the file is installed.`;
  fail(`${summary}\n${why}`, 'It must be an archive of tar or zip.');
}

interface Archive {
  readonly path: string;
  readonly handler: 'TgzArchive' | 'TarArchive' | 'ZipArchive';
}

/** Options of a zip archive that tar does not know: it has no long ones. */
function isForUnzip({ extra_opts }: UnarchiveParams): boolean {
  return !extra_opts.some((word) => word.startsWith('--'));
}

/** What `use` makes of the archive as one that tar reads. */
async function withTar<T>(
  path: string,
  params: UnarchiveParams,
  host: Host,
  context: RunContext,
  use: (archive: Archive) => Promise<T>,
): Promise<T> {
  const { src, dest, include, exclude } = params;
  const zip = (await run(host, context, ['unzip', '-l', '--', path]).catch(() => undefined))?.status === 0;
  if (!zip) {
    const gzip = (await run(host, context, ['gzip', '--list', '--', path]).catch(() => undefined))?.status === 0;
    return use({ path, handler: gzip ? 'TgzArchive' : 'TarArchive' });
  }
  const folder = await run(host, context, ['mktemp', '-d']);
  if (folder.status !== 0) fail(folder.stderr.trim());
  const place = folder.stdout.trim();
  try {
    const options = isForUnzip(params) ? params.extra_opts : [];
    const words = [...options, path, ...include, ...(exclude.length > 0 ? ['-x', ...exclude] : [])];
    const made = await run(host, context, ['sh', '-c', asTar, 'sh', place, ...words]);
    if (made.status !== 0) fail(`failed to unpack ${src} to ${tidy(dest)}`, made.stderr.trim());
    return await use({ path: `${place}/tar`, handler: 'ZipArchive' });
  } finally {
    await host.exec({ argv: ['rm', '-rf', '--', place], runAs: host.runAs }, { onlyReads: true });
  }
}

/** The path of what the workstation sent. */
function sent(params: UnarchiveParams, host: Host): Promise<string> {
  return host.fileWith(sentContent(params) ?? Buffer.alloc(0));
}

/** What of tar's words on differences is none: what the task sets anyhow, or what its user cannot set. */
function isDifference(line: string, params: UnarchiveParams, host: Host, zip: boolean): boolean {
  // A folder that --strip-components leaves no name of is nowhere.
  if (line === '' || /^tar: : Warning: Cannot (stat|readlink): /.test(line)) return false;
  // As in Ansible what somebody has put in the place of something else is left there, but of zip.
  if (/: File type differs$|: Not linked to |: Cannot readlink: Invalid argument$|: Not a directory$/.test(line))
    return zip;
  if (/: Mode differs$/.test(line)) return params.mode === undefined;
  if (/: Uid differs$/.test(line)) return params.owner === undefined && host.runAs === undefined;
  if (/: Gid differs$/.test(line)) return params.group === undefined && host.runAs === undefined;
  return /: (Mod time|Size|Contents|Symlink|Device number) differs?$|: Warning: Cannot (stat|readlink): |: Cannot open: /.test(
    line,
  );
}

/** A path's name as it is: tar lists bytes that are no plain text, and newlines, as C has them. What is no UTF-8 stays so. */
function plainName(listed: string): string {
  const bytes = listed.replace(/\\(?:([0-7]{3})|(.))/g, (_, octal?: string, letter = '') =>
    String.fromCharCode(octal === undefined ? (letters[letter] ?? letter.charCodeAt(0)) : Number.parseInt(octal, 8)),
  );
  const name = Buffer.from(bytes, 'latin1');
  return isUtf8(name) ? name.toString() : listed;
}

const letters: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** Folders of `dest` that hold what an archive has in folders, which it may not list themselves. */
function topFolders(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.includes('/')).map((name) => name.split('/').find((part) => part !== '') ?? '');
}

/** Gives all that was unpacked its owner and permissions; true where something had others. */
async function attributed(params: UnarchiveParams, names: readonly string[], host: Host, context: RunContext) {
  const { mode, owner, group, attributes } = params;
  if ([mode, owner, group, attributes].every((wanted) => wanted === undefined)) return false;
  const ids = await wantedIds(host, params);
  let changed = false;
  for (const name of new Set([...names, ...topFolders(names)])) {
    const path = tidy(joined(params.dest, name));
    const state = await host.stat(path);
    if (state === undefined) continue;
    const flags = await flagSteps(host, path, attributes, true);
    const steps = [...attributeSteps(path, state, { ...ids, mode }), ...flags];
    changed ||= steps.length > 0;
    if (!context.check) for (const { action } of steps) await context.apply(action);
  }
  return changed;
}

/** Options with which tar follows a link, where it else replaces it by a folder of the archive. */
const followLinks = /^(--(der|k|sk)|-[^-]*[hk])/;

/** A part of a name that is no UTF-8: nobody can ask what is there, nor behind it. */
const isHidden = (listed: string): boolean => plainName(listed) === listed && /\\[23]\d\d/.test(listed);

/** Throws OrchError where tar would follow a link that root must not, to a folder that it does not make itself beforehand. */
async function requireFolders(params: UnarchiveParams, listed: readonly string[], host: Host): Promise<void> {
  const dest = tidy(params.dest);
  const replaced = !params.keep_newer && !params.extra_opts.some((word) => followLinks.test(word));
  const known = new Set<string>();
  await requireTrusted(host, dest, known);
  for (const line of listed) {
    const parts = line.replace(/\/$/, '').split('/');
    const pathOf = (end: number) => tidy(joined(dest, parts.slice(0, end).map(plainName).join('/')));
    const folder = pathOf(parts.length - 1);
    const hidden = known.has(folder) ? -1 : parts.slice(0, -1).findIndex(isHidden);
    const above = hidden < 0 ? undefined : await host.stat(`${pathOf(hidden)}/.`);
    const isOthers = above !== undefined && (above.uid !== process.geteuid?.() || (above.mode & 0o22) !== 0);
    if (isOthers || (hidden >= 0 && hidden < parts.length - 2))
      fail(
        `${folder} may lead through another user's link: its name is no UTF-8, so that nobody can tell.`,
        'Use an archive that lists its folders ahead of what is in them, or unpack it with become_user.',
      );
    await requireTrusted(host, folder, known);
    if (replaced && line.endsWith('/')) known.add(pathOf(parts.length));
  }
}

async function unpack(params: UnarchiveParams, archive: Archive, host: Host, context: RunContext) {
  const dest = tidy(params.dest);
  // unzip(1) has chosen by its own patterns already.
  const zip = archive.handler === 'ZipArchive';
  const { include, exclude } = zip ? { include: [], exclude: [] } : params;
  const options = [
    ...['-C', dest, ...(zip && isForUnzip(params) ? [] : params.extra_opts)],
    ...(params.keep_newer ? ['--keep-newer-files'] : []),
    ...exclude.map((name) => `--exclude=${name.replace(/\/+$/, '')}`),
    ...['-f', archive.path, ...include],
  ];
  const tar = (...verb: string[]) => run(host, context, ['tar', ...verb, ...options]);
  // As they are unpacked: an archive may call something ../etc/shadow, which must not get owner and mode.
  const listed = await tar('--list', '--show-transformed-names');
  if (listed.status !== 0) failUnread(params, listed.stderr.trim());
  if (Buffer.byteLength(listed.stdout) > longestList)
    fail(`The names in ${params.src} are more than ${longestList} bytes.`, 'Use command for this.');
  const lines = listed.stdout.split('\n').filter((name) => name !== '');
  const names = lines.map((name) => name.split('/').map(plainName).join('/'));
  if (zip && names.length === 0)
    fail(
      `${['unzip', ...params.extra_opts].join(' ')} unpacks nothing of ${params.src}`,
      'Leave out what only lists or tests.',
    );
  if (names.length === 0)
    failUnread(params, 'Command "tar" found no files in archive. Empty archive files are not supported.');
  const compared = await tar('--diff');
  const differences = `${compared.stdout}\n${compared.stderr}`.split('\n');
  let changed = differences.some((line) => isDifference(line, params, host, zip));
  let extracted = {};
  // The kernel judges what another user does.
  const isOwn = host.runAs === undefined || (await host.user(host.runAs))?.uid === process.geteuid?.();
  if (changed && isOwn) await requireFolders(params, lines, host);
  if (changed && !context.check) {
    const done = await tar('--extract');
    if (done.status !== 0) fail(`failed to unpack ${params.src} to ${dest}`, done.stderr.trim());
    const cmd = ['tar', '--extract', ...options];
    extracted = { extract_results: { cmd, rc: done.status, out: done.stdout, err: done.stderr } };
  }
  if (!(changed && context.check)) changed = (await attributed(params, names, host, context)) || changed;
  const files = params.list_files ? { files: names } : {};
  const told = { handler: archive.handler, dest: params.dest, src: params.src };
  return { changed, result: { ...told, ...files, ...extracted } };
}

export const module = defineRunModule({
  name: 'unarchive',
  asUser: true,
  aliases: ownerAliases,
  form: 'run',
  tellsFile: true,
  checkMode: 'run',
  summary: 'Unpacks an archive of tar or zip.',
  notes:
    'By tar(1) and unzip(1) of the host. Changes nothing where all of it is there. `orch destroy` leaves what was unpacked.',
  examples: [
    'unarchive:\n  src: site.tar.gz\n  dest: /var/www',
    'unarchive:\n  src: /tmp/tool.zip\n  dest: /opt\n  remote_src: true\n  creates: /opt/tool',
  ],
  params: unarchiveParams,
  async run(params, host, context) {
    if (params.creates !== undefined && (await host.stat(params.creates)) !== undefined)
      return { changed: false, skipped: true, message: `skipped, since ${params.creates} exists`, result: {} };
    const dest = await host.stat(`${tidy(params.dest)}/.`);
    if (dest?.kind !== 'directory')
      fail(`dest '${params.dest}' must be an existing dir`, 'A file task before this one makes it.');
    // Programs see nothing of what check mode only imagines.
    const real = async (...asked: string[]) => (await run(host, context, ['test', ...asked])).status === 0;
    const src = isRemote(params) && !isUrl(params.src) ? tidy(await host.absolute(params.src)) : undefined;
    const imagined =
      src !== undefined && (await host.stat(src)) !== undefined && context.check && !(await real('-e', src));
    if (imagined || (context.check && !(await real('-d', params.dest)))) return { changed: true, result: {} };
    if (src !== undefined && (await host.stat(src)) === undefined) fail(`Source '${params.src}' does not exist`);
    const arriving = isUrl(params.src)
      ? () => downloaded(params.src, !params.validate_certs, host, context.signal)
      : () => sent(params, host);
    const end = src === undefined ? undefined : await sourceEnd(host, src);
    // A program that reads a FIFO of some user's would wait for that user.
    if (end?.state.kind === 'other') failUnread(params, `${end.path} is not a regular file.`);
    const path = src === undefined ? await arriving() : (end?.path ?? src);
    return withTar(path, params, host, context, (archive) => unpack(params, archive, host, context));
  },
});
