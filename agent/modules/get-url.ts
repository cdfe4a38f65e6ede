import { createHash } from 'node:crypto';
import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { bytesOf, type Content, readContent, sha1, sizeOf } from './shared/files/content.ts';
import { placedFile } from './shared/files/copy-params.ts';
import { sourceEnd } from './shared/files/links.ts';
import { ownerAliases } from './shared/files/owner.ts';
import { baseName, folderOf, joined, tidy } from './shared/files/path.ts';
import { ownership, type Placed, placedPlan, readPlaced } from './shared/files/placed.ts';
import { namedBy, webFields, webOptions } from './shared/web.ts';

const { force: _, ...placed } = placedFile;

const fields = z.strictObject({
  url: z
    .string()
    .regex(/^(https?|file):\/\/\S+$/i, 'is no http:, https: or file: URL')
    .describe('What to get.'),
  dest: hostPath.describe('The file, or the folder that it goes into under the name that the URL ends with.'),
  checksum: z
    .string()
    .regex(
      /^(md5|sha1|sha224|sha256|sha384|sha512):(\W*[0-9a-fA-F][0-9a-fA-F\W]*|(https?|file):\/\/\S+)$/,
      'write it like sha256:<hex digits>, or with the URL of a file of sums',
    )
    .optional()
    .describe('What the content must have; where the file has it already, nothing is asked for.'),
  force: z.boolean().default(false).describe('Ask for it even if it has not changed since.'),
  timeout: z
    .int()
    .min(1)
    .max(3600)
    .default(10)
    .describe('Seconds to wait for the server, and for each piece of what it sends.'),
  tmp_dest: hostPath
    .optional()
    .describe('A folder that must be there. The file is written beside `dest` all the same.'),
  ...placed,
  ...webFields,
});
type Params = z.infer<typeof fields>;

interface Current extends Placed {
  readonly wanted: Content;
  readonly md5sum?: string | undefined;
  /** What it was answered with; null: a file; undefined: nobody was asked. */
  readonly status: number | null | undefined;
  /** What became of the question, in Ansible's words. */
  readonly said: string;
  /** Whole seconds that it took. */
  readonly elapsed: number;
}

/** A content's sum, by any algorithm that Node has. */
async function sumOf(algorithm: string, content: Content, host: Host): Promise<string | undefined> {
  if (content instanceof Buffer) return createHash(algorithm).update(content).digest('hex');
  return (await host.digest(await host.fileWith(content), [algorithm]))?.sums[algorithm];
}

async function matches(content: Content, checksum: string, host: Host): Promise<boolean> {
  const [algorithm = '', sum = ''] = checksum.split(':');
  return (await sumOf(algorithm, content, host)) === sum;
}

function fail(summary: string, result: Readonly<Record<string, unknown>>, hint?: string): never {
  throw new OrchError({ code: 'task-failed', summary, result, ...(hint === undefined ? {} : { hint }) });
}

interface Got extends Pick<Current, 'wanted' | 'status' | 'said' | 'elapsed'> {
  /** What the answer is called: by itself, or by the URL that redirects led to. */
  readonly name: string;
}

function nameIn(url: string): string {
  return /[^/]*$/.exec(new URL(url).pathname)?.[0] || 'index.html';
}

/** What a URL leads to; `since`: headers by which the server may say that it has not changed. Any status is an answer. */
async function ask(url: string, since: Readonly<Record<string, string>>, params: Params, host: Host): Promise<Got> {
  const { dest } = params;
  if (/^file:/i.test(url)) {
    const path = decodeURIComponent(new URL(url).pathname);
    const end = await sourceEnd(host, path);
    const content = end && (await readContent(host, end.path, end.state));
    if (content === undefined) fail(`There is no file ${path} on this host.`, { url, dest });
    return { wanted: content, status: null, said: `OK (${sizeOf(content)} bytes)`, elapsed: 0, name: baseName(path) };
  }
  const options = await webOptions(params, url, host);
  const began = performance.now();
  const elapsed = () => Math.floor((performance.now() - began) / 1000);
  const request = { url, method: 'GET', timeoutMs: params.timeout * 1000, limit: undefined, follow: 'all' as const };
  const reply = await host
    .web({ ...options, ...request, headers: { ...since, ...options.headers } })
    .catch((error: unknown) => {
      if (!(error instanceof OrchError) || error.code !== 'command-failed') throw error;
      return fail(error.summary, { url, dest, elapsed: elapsed() });
    });
  const { status, reason, headers } = reply;
  const said =
    status === 200 ? `${reason} (${headers['content-length'] ?? 'unknown'} bytes)` : `HTTP Error ${status}: ${reason}`;
  const name = namedBy(headers) || nameIn(reply.url);
  return { wanted: reply.large ?? reply.body, status, said, elapsed: elapsed(), name };
}

async function asked(url: string, since: Readonly<Record<string, string>>, params: Params, host: Host): Promise<Got> {
  const got = await ask(url, since, params, host);
  const { status, said, elapsed } = got;
  if (status === null || status === 200 || (status === 304 && since['if-modified-since'] !== undefined)) return got;
  return fail(`Request failed: ${said}`, { url, dest: params.dest, status_code: status, response: said, elapsed });
}

/** The content; that of the file which is there, where it has the sum or the server says that it has not changed. */
async function get(
  params: Params,
  host: Host,
  checksum: string | undefined,
  { content, state }: Partial<Placed> = {},
): Promise<Got> {
  const { url, force } = params;
  if (content === undefined || state === undefined || force) return asked(url, {}, params, host);
  if (checksum !== undefined && (await matches(content, checksum, host)))
    return { wanted: content, status: undefined, said: 'file already exists', elapsed: 0, name: nameIn(url) };
  const since = checksum === undefined ? { 'if-modified-since': new Date(state.mtimeMs).toUTCString() } : {};
  const got = await asked(url, since, params, host);
  return got.status === 304 ? { ...got, wanted: content } : got;
}

/** A sum's digits; what else stands there counts for nothing, as in Ansible. */
function digits(sum: string): string {
  return sum.replace(/\W/g, '').toLowerCase();
}

/** The sum that a file of sums has for a name, as sha256sum(1) or BSD's programs write it, or that it has alone. */
function sumIn(text: string, name: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [only = ''] = lines;
  if (lines.length === 1 && /^\s*[0-9a-f]+\s*$/i.test(only)) return only;
  for (const line of lines.map((each) => each.trimEnd())) {
    const [, sum, file] = /^([0-9a-f]\S*)\s+[ *]?(?:\.\/)?(\S.*)$/i.exec(line) ?? [];
    const [, named, last] = /^\w+ \((?:\.\/)?(.+)\) = ([0-9a-f]\S*)$/i.exec(line) ?? [];
    if (file === name && sum !== undefined) return sum;
    if (named === name && last !== undefined) return last;
  }
  return undefined;
}

/** The checksum that is asked for, with the sum itself where the task has the URL of a file of sums. */
async function checksumOf(params: Params, host: Host): Promise<string | undefined> {
  const [, algorithm = '', source = ''] = /^(\w+):((?:https?|file):.*)$/i.exec(params.checksum ?? '') ?? [];
  if (source === '') return params.checksum?.replace(/:(.*)$/, (_, sum: string) => `:${digits(sum)}`);
  const name = nameIn(params.url);
  const { wanted } = await asked(source, {}, params, host);
  const sum = sumIn(bytesOf(wanted, source).toString('utf8'), name);
  if (sum !== undefined) return `${algorithm}:${digits(sum)}`;
  return fail(`Unable to find a checksum for file '${name}' in '${source}'`, { url: params.url });
}

export const module = defineModule({
  name: 'get_url',
  asUser: true,
  form: 'converge',
  tellsFile: true,
  summary: 'Gets a file from a web server.',
  notes:
    'Check mode asks for it, too, and says what would change. `orch destroy` brings back the old content up to 1 MiB.',
  examples: ['get_url:\n  url: https://deb.example.org/key.asc\n  dest: /etc/apt/keyrings/lab.asc\n  mode: "0644"'],
  aliases: { username: 'url_username', password: 'url_password', ...ownerAliases },
  params: fields,
  objects: (_params, { path }: Current) => [`file ${path}`],

  async read(params, host, seen): Promise<Current> {
    const { url, tmp_dest: scratch } = params;
    const given = tidy(params.dest);
    const isFolder = async (path: string) => (await host.stat(`${path}/.`))?.kind === 'directory';
    const into = await isFolder(given);
    const folder = into || params.dest.endsWith('/') ? given : folderOf(given);
    if (!into && !(await isFolder(folder)))
      fail(`Destination ${folder} does not exist`, { url, dest: params.dest }, 'A file task before this one makes it.');
    if (scratch !== undefined && !(await isFolder(scratch)))
      fail(`${scratch} directory does not exist.`, { url, dest: params.dest });
    // Another answer to the same question may be a newer one: the file is held against the one that was written.
    if (seen) return { ...seen, ...(await readPlaced(params, host, seen.path)) };
    const checksum = await checksumOf(params, host);
    // Only the answer says what a file in a folder is called.
    const present = into ? undefined : await readPlaced(params, host, given);
    const { name, ...got } = await get(params, host, checksum, present);
    const placed = present ?? (await readPlaced(params, host, joined(given, name)));
    const { path, content } = placed;
    if (checksum !== undefined && !(await matches(got.wanted, checksum, host))) {
      const [algorithm = '', sum] = checksum.split(':');
      const its = await sumOf(algorithm, got.wanted, host);
      const sums = { checksum_src: sha1(got.wanted), checksum_dest: content === undefined ? null : sha1(content) };
      fail(`The checksum for ${url} did not match ${sum}; it was ${its}.`, { url, dest: path, ...sums });
    }
    return { ...placed, ...got, md5sum: await sumOf('md5', got.wanted, host) };
  },

  plan(params, current) {
    const { path, content, wanted } = current;
    const plan = placedPlan(params, current);
    // What nobody was asked for has not been compared.
    const sums =
      current.status === undefined
        ? { checksum_src: null, checksum_dest: null }
        : { checksum_src: sha1(wanted), checksum_dest: content === undefined ? null : sha1(content) };
    const answer = { status_code: current.status, msg: current.said, elapsed: current.elapsed };
    const got = {
      url: params.url,
      dest: path,
      size: sizeOf(wanted),
      ...(current.status === 304 ? {} : sums),
      ...(current.status === undefined || current.status === 304 ? {} : { md5sum: current.md5sum }),
      ...answer,
    };
    const about = { ...got, ...ownership(params.mode, current) };
    return { ...plan, result: { ...about, ...plan.result } };
  },
});
