import { OrchError } from '../../proto/errors.ts';
import type { ExecResult, Host } from '../linux/host.ts';
import { defineRunModule, type RunContext } from './module.ts';
import { carryOut } from './shared/files/carry-out.ts';
import { flagSteps } from './shared/files/flags.ts';
import { newIds, ownerAliases, wantedIds } from './shared/files/owner.ts';
import { folderOf, joined, tidy } from './shared/files/path.ts';
import { attributeSteps } from './shared/files/steps.ts';
import { isRemote, isUrl, type UnarchiveParams, unarchiveParams } from './shared/files/unarchive-params.ts';

/** Puts standard input, base64, into the file $1/archive of a new folder, and says its name. */
const receive = 'umask 077; folder=$(mktemp -d) && base64 -d > "$folder/archive" && printf %s "$folder/archive"';

/** Makes a tar archive $2/tar of the zip archive $1: then one program does for both. */
const asTar =
  'mkdir "$2/files" && unzip -q -o -- "$1" -d "$2/files" && cd "$2/files" && find . -mindepth 1 -maxdepth 1 -printf "%P\\0" | ' +
  'sort -z | tar --null -cf "$2/tar" -T - && printf %s "$2/tar"';

function fail(summary: string, hint?: string): never {
  throw new OrchError({ code: 'task-failed', summary, ...(hint === undefined ? {} : { hint }) });
}

/** One program for this task, by its user, with words that do not depend on the host's language. */
async function run(host: Host, context: RunContext, argv: readonly string[], stdin?: string): Promise<ExecResult> {
  const command = { argv, stdin, runAs: host.runAs, env: { LC_ALL: 'C' } };
  return host.exec(command, { signal: context.signal, onlyReads: true });
}

interface Archive {
  readonly path: string;
  readonly handler: 'TgzArchive' | 'TarArchive' | 'ZipArchive';
}

/** The archive as one that tar reads, in `folder` where it has to be made. */
async function opened(path: string, folder: string, host: Host, context: RunContext): Promise<Archive> {
  const zip = (await run(host, context, ['unzip', '-l', '--', path]).catch(() => undefined))?.status === 0;
  if (!zip) {
    const gzip = (await run(host, context, ['gzip', '--list', '--', path]).catch(() => undefined))?.status === 0;
    return { path, handler: gzip ? 'TgzArchive' : 'TarArchive' };
  }
  const made = await run(host, context, ['sh', '-c', asTar, 'sh', path, folder]);
  if (made.status !== 0) fail(`Failed to unpack ${path}: ${made.stderr.trim()}`);
  return { path: made.stdout, handler: 'ZipArchive' };
}

/** An archive is sent to tar as a whole. */
const longestArchive = 256 * 1024 * 1024;
const fetchMs = 600_000;

/** What a web server has, as base64. */
async function fetched(
  url: string,
  { validate_certs }: UnarchiveParams,
  host: Host,
  { signal }: RunContext,
): Promise<string> {
  const request = { url, method: 'GET', headers: {}, timeoutMs: fetchMs, limit: longestArchive, signal };
  const reply = await host.web({ ...request, follow: 'all', insecure: !validate_certs });
  if (reply.status !== 200) fail(`Failure downloading ${url}, HTTP Error ${reply.status}: ${reply.reason}`);
  return reply.body.toString('base64');
}

/** What of tar's words on differences is none: what the task sets anyhow, or what its user cannot set. */
function isDifference(line: string, params: UnarchiveParams, host: Host): boolean {
  if (line === '') return false;
  if (/: Mode differs$/.test(line)) return params.mode === undefined;
  if (/: Uid differs$/.test(line)) return params.owner === undefined && host.runAs === undefined;
  if (/: Gid differs$/.test(line)) return params.group === undefined && host.runAs === undefined;
  return /: (Mod time|Size|Contents|Symlink|File type|Device number) differs?$|: Not linked to |: Warning: Cannot stat: |: Cannot open: /.test(
    line,
  );
}

/** Gives all that was unpacked its owner and permissions; true where something had others. */
async function attributed(params: UnarchiveParams, names: readonly string[], host: Host, context: RunContext) {
  const { mode, owner, group, attributes } = params;
  if ([mode, owner, group, attributes].every((wanted) => wanted === undefined)) return false;
  const ids = await wantedIds(host, params);
  let changed = false;
  for (const name of names) {
    const path = tidy(joined(params.dest, name));
    const state = await host.stat(path);
    if (state === undefined) continue;
    const flags = await flagSteps(host, path, attributes, true);
    const steps = [...attributeSteps(path, state, { ...ids, mode }), ...flags];
    changed ||= steps.length > 0;
    if (!context.check) await carryOut(steps, host, context);
  }
  return changed;
}

async function unpack(params: UnarchiveParams, archive: Archive, host: Host, context: RunContext) {
  const dest = tidy(params.dest);
  const ids = await newIds(host, await wantedIds(host, params));
  const options = [
    ...['-C', dest, ...params.extra_opts],
    ...(params.extra_opts.length > 0 ? ['--show-transformed-names'] : []),
    ...(params.keep_newer ? ['--keep-newer-files'] : []),
    ...params.exclude.map((name) => `--exclude=${name}`),
    // As unzip(1) takes its names, and tar(1) does not by itself.
    ...(archive.handler === 'ZipArchive' && params.include.length > 0 ? ['--wildcards'] : []),
    ...['-f', archive.path, ...params.include],
  ];
  const tar = (verb: string) => run(host, context, ['tar', verb, ...options]);
  const listed = await tar('--list');
  if (listed.status !== 0)
    fail(`Failed to find handler for "${params.src}". ${listed.stderr.trim()}`, 'It must be an archive of tar or zip.');
  const names = listed.stdout.split('\n').filter((name) => name !== '');
  const compared = await tar('--diff');
  const lines = `${compared.stdout}\n${compared.stderr}`.split('\n');
  let changed = lines.some((line) => isDifference(line, params, host));
  let extracted = {};
  if (changed && !context.check) {
    const done = await tar('--extract');
    if (done.status !== 0) fail(`failed to unpack ${params.src} to ${dest}`, done.stderr.trim());
    const cmd = ['tar', '--extract', ...options];
    extracted = { extract_results: { cmd, rc: done.status, out: done.stdout, err: done.stderr } };
  }
  if (!(changed && context.check)) changed = (await attributed(params, names, host, context)) || changed;
  const files = params.list_files ? { files: names } : {};
  const told = { handler: archive.handler, dest, src: params.src, uid: ids.uid, gid: ids.gid };
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
    const content = isUrl(params.src) ? await fetched(params.src, params, host, context) : params.content_base64;
    const received = await run(host, context, ['sh', '-c', receive], content);
    if (received.status !== 0) fail(received.stderr.trim());
    const folder = folderOf(received.stdout);
    try {
      const path = src ?? received.stdout;
      if (src !== undefined && (await host.stat(src)) === undefined) fail(`Source '${params.src}' does not exist`);
      return await unpack(params, await opened(path, folder, host, context), host, context);
    } finally {
      await host.exec({ argv: ['rm', '-rf', '--', folder], runAs: host.runAs }, { onlyReads: true });
    }
  },
});
