import { createHash } from 'node:crypto';
import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { sha1 } from './shared/files/content.ts';
import { placedFile } from './shared/files/copy-params.ts';
import { baseName, folderOf, joined, tidy } from './shared/files/path.ts';
import { ownership, type Placed, placedPlan, readPlaced } from './shared/files/placed.ts';
import { webFields, webOptions } from './shared/web.ts';

/** As much as `copy` takes. */
const longestFile = 64 * 1024 * 1024;

const { force: _, ...placed } = placedFile;

const fields = z.strictObject({
  url: z
    .string()
    .regex(/^(https?|file):\/\/\S+$/i, 'is no http:, https: or file: URL')
    .describe('What to get.'),
  dest: hostPath.describe('The file, or the folder that it goes into under the name that the URL ends with.'),
  checksum: z
    .string()
    .regex(/^(md5|sha1|sha224|sha256|sha384|sha512):[0-9a-fA-F]+$/, 'write it like sha256:<hex digits>')
    .optional()
    .describe('What the content must have; where the file has it already, nothing is asked for.'),
  force: z.boolean().default(false).describe('Ask for it even if it has not changed since.'),
  timeout: z.int().min(1).max(3600).default(10).describe('Seconds for all of it.'),
  tmp_dest: hostPath.optional().describe('Taken for the sake of old playbooks: it is written beside `dest`.'),
  ...placed,
  ...webFields,
});
type Params = z.infer<typeof fields>;

interface Current extends Placed {
  readonly wanted: Buffer;
  readonly status: number | undefined;
  /** What became of the question, in Ansible's words. */
  readonly said: string;
}

function matches(content: Buffer, checksum: string): boolean {
  const [algorithm = '', sum = ''] = checksum.split(':');
  return createHash(algorithm).update(content).digest('hex') === sum.toLowerCase();
}

function fail(summary: string, hint?: string): never {
  throw new OrchError({ code: 'task-failed', summary, ...(hint === undefined ? {} : { hint }) });
}

type Got = Pick<Current, 'status' | 'said'> & { readonly content: Buffer };

/** The content; `present` where the server says that it has not changed. */
async function get(
  params: Params,
  host: Host,
  present: { content: Buffer; state: FileState } | undefined,
): Promise<Got> {
  const { url, checksum, force } = params;
  if (/^file:/i.test(url)) {
    const path = decodeURIComponent(new URL(url).pathname);
    return {
      content: (await host.readFile(path)) ?? fail(`There is no file ${path} on this host.`),
      status: undefined,
      said: 'OK',
    };
  }
  if (present && !force && checksum !== undefined && matches(present.content, checksum))
    return { content: present.content, status: undefined, said: 'file already exists' };
  const options = webOptions(params);
  const since =
    present && !force && checksum === undefined
      ? { 'if-modified-since': new Date(present.state.mtimeMs).toUTCString() }
      : {};
  const reply = await host.web({
    ...options,
    headers: { ...since, ...options.headers },
    ...{ url, method: 'GET', timeoutMs: params.timeout * 1000, limit: longestFile, follow: 'all' },
  });
  const { status, reason, headers } = reply;
  if (status === 304 && present) return { content: present.content, status, said: `HTTP Error 304: ${reason}` };
  if (status !== 200) fail(`Request failed: HTTP Error ${status}: ${reason}`);
  return { content: reply.body, status, said: `${reason} (${headers['content-length'] ?? 'unknown'} bytes)` };
}

export const module = defineModule({
  name: 'get_url',
  form: 'converge',
  tellsFile: true,
  summary: 'Gets a file from a web server.',
  notes:
    'Of up to 64 MiB. Check mode asks for it, too, and says what would change. `orch destroy` brings back the old content up to 1 MiB.',
  examples: ['get_url:\n  url: https://deb.example.org/key.asc\n  dest: /etc/apt/keyrings/lab.asc\n  mode: "0644"'],
  aliases: { username: 'url_username', password: 'url_password' },
  params: fields,
  objects: (_params, { path }: Current) => [`file ${path}`],

  async read(params, host): Promise<Current> {
    const given = tidy(params.dest);
    const folder = params.dest.endsWith('/') || (await host.stat(`${given}/.`))?.kind === 'directory';
    const path = folder ? joined(given, baseName(new URL(params.url).pathname) || 'index.html') : given;
    const placed = await readPlaced(params, host, path);
    const { state, content } = placed;
    if (state === undefined && (await host.stat(`${folderOf(path)}/.`)) === undefined)
      fail(`Destination ${folderOf(path)} does not exist`, 'A file task before this one makes it.');
    const got = await get(params, host, content && state ? { content, state } : undefined);
    if (params.checksum !== undefined && !matches(got.content, params.checksum))
      fail(`The checksum of ${params.url} did not match ${params.checksum}; its sha1 is ${sha1(got.content)}.`);
    return { ...placed, wanted: got.content, status: got.status, said: got.said };
  },

  plan(params, current) {
    const { path, content, wanted } = current;
    const plan = placedPlan(params, current);
    const sums = { checksum_src: sha1(wanted), checksum_dest: content === undefined ? null : sha1(content) };
    const answer = { status_code: current.status, msg: current.said };
    const got = {
      url: params.url,
      dest: path,
      size: wanted.length,
      ...(current.status === 304 ? {} : sums),
      ...answer,
    };
    const about = { ...got, ...ownership(params.mode, current) };
    return { ...plan, result: { ...about, ...plan.result } };
  },
});
