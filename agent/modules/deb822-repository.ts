import * as z from 'zod';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { deb822Text } from './shared/deb822.ts';
import { presence } from './shared/fields.ts';
import { shown } from './shared/files/content.ts';
import { fileMode, modeFrom, modeText } from './shared/files/mode.ts';
import { removalSteps } from './shared/files/removal.ts';
import { attributeSteps, fileAction } from './shared/files/steps.ts';
import { writeSteps } from './shared/files/write.ts';
import { taskFailed } from './shared/programs.ts';

const keyrings = '/etc/apt/keyrings';
/** A key is some kilobytes. */
const longestKey = 1024 * 1024;

const word = z.string().regex(/^[^\s\0]+$/, 'is no single word');
const words = z.array(word).optional();
const yesNo = z.boolean().optional();

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[^\n\r\0]*[A-Za-z0-9][^\n\r\0]*$/, 'has no letter or digit, or a line end')
    .describe('Name of the source; its files are called after it.'),
  state: presence.describe('absent: the file of the source goes, and the key that was kept for it.'),
  types: z
    .array(z.enum(['deb', 'deb-src']))
    .default(['deb'])
    .describe('Packages, or their sources.'),
  uris: words.describe('Where it is.'),
  suites: words.describe('Suites ("trixie"), or paths that end with a slash.'),
  components: words.describe('Components ("main"); none behind a path.'),
  signed_by: z
    .string()
    .regex(/^[^\0]+$/, 'holds a NUL')
    .optional()
    .describe('Who signs it: the file of a key, an http(s): or file: URL of one, its fingerprint, or the key as text.'),
  architectures: words.describe('Architectures to look for.'),
  languages: words.describe('Languages of descriptions to get.'),
  targets: words.describe('What apt gets from it.'),
  enabled: yesNo.describe('Whether it counts.'),
  trusted: yesNo.describe('Trust it without a signature, or warn in spite of one.'),
  allow_downgrade_to_insecure: yesNo.describe('Take it when it is signed no longer.'),
  allow_insecure: yesNo.describe('Take it without a signature.'),
  allow_weak: yesNo.describe('Take weak digests.'),
  by_hash: yesNo.describe('Get indexes by their hashes.'),
  check_date: yesNo.describe("Take the host's clock for right."),
  check_valid_until: yesNo.describe('Refuse what is out of date.'),
  date_max_future: z.int().optional().describe('Seconds that it may be from the future.'),
  inrelease_path: word.optional().describe('Where its InRelease file is.'),
  pdiffs: yesNo.describe('Get differences of indexes.'),
  mode: fileMode.default('0644').describe('Permissions of the file.'),
});
interface Kept {
  readonly path: string;
  readonly state: FileState | undefined;
  readonly content: Buffer | undefined;
}

interface Current {
  readonly source: Kept;
  readonly keys: readonly Kept[];
  readonly folder: FileState | undefined;
  /** Content of the key that a URL led to. */
  readonly got: Buffer | undefined;
}

/** The name of its files: "My Lab_2" is my-lab-2. */
function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_\s]+/g, '-')
    .replace(/[^a-z0-9-]+/g, '');
}

function keyPath(slug: string, ending: string): string {
  return `${keyrings}/${slug}.${ending}`;
}

async function kept(host: Host, path: string): Promise<Kept> {
  const state = await host.stat(path);
  return { path, state, content: state?.kind === 'file' ? await host.readFile(path) : undefined };
}

/** What the URL of a key leads to; undefined where `signed_by` is no URL. */
async function keyFrom(host: Host, signedBy: string | undefined): Promise<Buffer | undefined> {
  const [, scheme] = /^(https?|file):\/\/\S+$/i.exec(signedBy ?? '') ?? [];
  if (signedBy === undefined || scheme === undefined) return undefined;
  if (scheme.toLowerCase() === 'file') {
    const path = decodeURIComponent(new URL(signedBy).pathname);
    return (await host.readFile(path)) ?? fail(`there is no file ${path} on this host`);
  }
  const request = { method: 'GET', headers: {}, timeoutMs: 10_000, limit: longestKey, follow: 'all' } as const;
  const reply = await host.web({ ...request, url: signedBy, insecure: false });
  return reply.status === 200 ? reply.body : fail(`HTTP Error ${reply.status}: ${reply.reason}`);
}

function fail(why: string): never {
  throw taskFailed(`Could not fetch signed_by key: ${why}`);
}

const nobody = { uid: undefined, gid: undefined };

function write({ path, state, content }: Kept, wanted: Buffer, mode: string | number): readonly Step[] {
  return writeSteps({ path, state, content, wanted, mode, ids: nobody, newIds: nobody, backup: undefined }).steps;
}

/** The folder of keys: apt's own user must be able to read there. */
function folderSteps(folder: FileState | undefined): readonly Step[] {
  if (folder !== undefined) return attributeSteps(keyrings, folder, { uid: 0, gid: 0, mode: 0o755 });
  const action = fileAction({ do: 'mkdir', path: keyrings, mode: 0o755 });
  return [{ object: `file ${keyrings}`, action, undo: [fileAction({ do: 'rmdir', path: keyrings })] }];
}

function keySteps(key: Kept, folder: FileState | undefined, got: Buffer): readonly Step[] {
  const steps = write(key, got, '0644');
  return key.content?.equals(got) ? steps : [...folderSteps(folder), ...steps];
}

/** Which of the two key files holds such a key. */
function keyEnding(key: Buffer): string {
  return key.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') ? 'asc' : 'gpg';
}

export const module = defineModule({
  name: 'deb822_repository',
  form: 'converge',
  tellsFile: true,
  summary: 'Adds or removes a source of packages for apt, in the form of deb822.',
  notes:
    'A file of its own in /etc/apt/sources.list.d. The key that a URL leads to is got each time, in check mode too, and kept in /etc/apt/keyrings. The lists of packages are not read anew: an apt task does that. `orch destroy` brings the files back.',
  examples: [
    'deb822_repository:\n  name: lab\n  uris: [https://deb.example.org/lab]\n  suites: [trixie]\n  components: [main]\n  signed_by: https://deb.example.org/lab.asc',
    'deb822_repository:\n  name: lab\n  state: absent',
  ],
  params: fields,
  objects: (_params, { source, keys }: Current) => [source, ...keys].map(({ path }) => `file ${path}`),

  async read(params, host): Promise<Current> {
    const slug = slugOf(params.name);
    const [source, ...keys] = await Promise.all([
      kept(host, `/etc/apt/sources.list.d/${slug}.sources`),
      ...['asc', 'gpg'].map((ending) => kept(host, keyPath(slug, ending))),
    ]);
    const got = params.state === 'present' ? await keyFrom(host, params.signed_by) : undefined;
    return { source, keys, folder: await host.stat(keyrings), got };
  },

  plan(params, { source, keys, folder, got }) {
    const slug = slugOf(params.name);
    if (params.state === 'absent') return absentPlan(source, keys, keyPath(slug, 'gpg'));
    const { mode, state: _, ...written } = params;
    const key = got && keys.find(({ path }) => path === keyPath(slug, keyEnding(got)));
    const repo = deb822Text({ ...written, signed_by: key?.path ?? params.signed_by });
    const steps = [...(got && key ? keySteps(key, folder, got) : []), ...write(source, Buffer.from(repo), mode)];
    const view = (content: Buffer | undefined, keyContent: Buffer | undefined, permissions: number | undefined) => ({
      ...(permissions === undefined ? {} : { mode: modeText(permissions) }),
      [source.path]: content?.toString('utf8') ?? null,
      ...(key ? { [key.path]: keyContent ? shown(keyContent) : null } : {}),
    });
    const before = view(source.content, key?.content, source.state?.mode);
    const after = view(Buffer.from(repo), got, modeFrom(mode, source.state?.mode ?? 0o644, false));
    const keyFile = key?.path ?? (params.signed_by?.startsWith('/') ? params.signed_by : null);
    return { steps, before, after, result: { repo, dest: source.path, key_filename: keyFile } };
  },
});

function absentPlan(source: Kept, keys: readonly Kept[], keyFile: string) {
  const there = [source, ...keys].flatMap(({ path, state, content }) => (state ? [{ path, state, content }] : []));
  const { steps, warnings } = removalSteps(there);
  const before = Object.fromEntries(there.map(({ path, content }) => [path, content?.toString('utf8') ?? '']));
  return { steps, warnings, before, after: {}, result: { repo: null, dest: source.path, key_filename: keyFile } };
}
