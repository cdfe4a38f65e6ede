import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { ExecResult, Host } from '../linux/host.ts';
import { defineRunModule, type RunContext, type RunResult } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { downloadedKey, idsIn, keyRecords } from './shared/openpgp.ts';
import { taskFailed } from './shared/programs.ts';
import { webUrl } from './shared/web.ts';

const params = z
  .strictObject({
    id: z
      .string()
      .transform((id) => id.trim().toUpperCase().replace(/^0X/, ''))
      .refine((id) => /^(?:[0-9A-F]{8}|[0-9A-F]{16,40})$/.test(id), { message: 'Invalid key_id' })
      .optional()
      .describe('Id of the key, best its fingerprint: 40 hex digits. Without it that of the first key that is given.'),
    state: z.enum(['absent', 'present']).default('present').describe('Whether apt trusts the key.'),
    data: z.string().optional().describe('The key itself, armored.'),
    file: hostPath.optional().describe('A file of the host that has the key.'),
    url: webUrl.optional().describe('Where to download the key from.'),
    keyserver: z
      .string()
      .regex(/^[A-Za-z0-9[][^\s]*$/, 'is no server')
      .optional()
      .describe('A server that has the key by its id.'),
    keyring: hostPath.optional().describe('The file that holds the key, in /etc/apt/trusted.gpg.d.'),
    validate_certs: z.boolean().default(true).describe('Check the certificate of the server of url.'),
  })
  .superRefine(({ id, state, ...sources }, context) => {
    const given = (['data', 'file', 'url', 'keyserver'] as const).filter((name) => sources[name] !== undefined);
    const issue = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    if (given.length > 1)
      issue(given[1] ?? '', `does not go with ${given[0]}: data, file, url and keyserver exclude each other`);
    if (id === undefined && (state === 'absent' || given.length === 0 || given[0] === 'keyserver'))
      issue('id', 'is needed where no key is given');
  });

type Params = z.infer<typeof params>;

const notAdded =
  'apt-key did not return an error, but failed to add the key (check that the id is correct and *not* a subkey)';
const notRemoved =
  'apt-key did not return an error, but the key was not removed (check that the id is correct and *not* a subkey)';

/** One run of the task against one host. */
class AptKey {
  private readonly params: Params;
  private readonly host: Host;
  private readonly context: RunContext;

  constructor(given: Params, host: Host, context: RunContext) {
    this.params = given;
    this.host = host;
    this.context = context;
  }

  /** The key as text that gpg(1) reads; undefined where it is a file of the host or comes from a server of keys. */
  async text(): Promise<string | undefined> {
    const { data, url, validate_certs } = this.params;
    return url === undefined ? data : downloadedKey(this.host, url, validate_certs);
  }

  /** What is in the key that is given: its own id first. */
  async given(text: string | undefined): Promise<readonly string[]> {
    const { file } = this.params;
    if (text === undefined && file === undefined) return [];
    const { records, complaints } = await keyRecords(this.host, file === undefined ? { text: text ?? '' } : { file });
    const ids = idsIn(records);
    if (ids.length > 0) return ids;
    const source = file ?? this.params.url ?? 'inline data';
    throw new OrchError({
      code: 'task-failed',
      summary: `Unable to extract key from '${source}'`,
      detail: complaints,
    });
  }

  async trusted(): Promise<readonly string[]> {
    const done = await this.run(['adv', '--list-public-keys', '--with-colons'], undefined, true);
    if (done.status !== 0) throw failure('Unable to list public keys', done);
    return idsIn(done.stdout);
  }

  async add(text: string | undefined): Promise<void> {
    const { file, keyserver, id } = this.params;
    if (keyserver !== undefined) {
      const done = await this.run(['adv', '--no-tty', '--keyserver', keyserver, '--recv', id ?? '']);
      if (done.status !== 0) throw failure(`Error fetching key ${id} from keyserver: ${keyserver}`, done);
      return;
    }
    const done = await this.run(['add', file ?? '-'], text);
    if (done.status !== 0) throw failure('Unable to add the key', done);
  }

  async remove(id: string): Promise<void> {
    const done = await this.run(['del', id]);
    if (done.status !== 0) throw failure('Unable to remove the key', done);
  }

  private async run(words: readonly string[], stdin?: string, onlyReads = false): Promise<ExecResult> {
    const { keyring } = this.params;
    const argv = ['apt-key', ...(keyring === undefined ? [] : ['--keyring', keyring]), ...words];
    const env = { LC_ALL: 'C', APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE: '1' };
    try {
      return await this.host.exec({ argv, stdin, env }, { signal: this.context.signal, onlyReads });
    } catch (error) {
      if (!(error instanceof OrchError) || error.code !== 'command-failed') throw error;
      throw new OrchError({
        code: 'unsupported-by-host',
        summary: 'The host has no apt-key command.',
        hint: 'It is gone since Debian 13: name the key by "signed_by" of deb822_repository, or put it into /etc/apt/keyrings by get_url.',
      });
    }
  }
}

function failure(summary: string, { stderr, stdout }: ExecResult): OrchError {
  return new OrchError({ code: 'task-failed', summary, detail: (stderr || stdout).trim() });
}

async function run(given: Params, host: Host, context: RunContext): Promise<RunResult> {
  const apt = new AptKey(given, host, context);
  const present = given.state === 'present';
  // A short id is all that is asked for where one is given.
  const digits = given.id?.length === 8 ? 8 : 16;
  const shortened = (ids: readonly string[]) => ids.map((id) => id.slice(-digits));
  const before = shortened(await apt.trusted());
  const known = given.id !== undefined && before.includes(given.id.slice(-digits));
  const text = present && !known ? await apt.text() : undefined;
  const offered = present && !known ? shortened(await apt.given(text)) : [];
  const id = given.id ?? offered[0] ?? '';
  const fp = id.slice(-digits);
  const changed = before.includes(fp) !== present;
  const result = { before, id, key_id: id, fp, short_id: id.slice(-8) };
  if (!changed) return { changed, result };
  if (present && given.keyserver === undefined && !offered.includes(fp))
    throw taskFailed(offered.length > 0 ? notAdded : `No key ${id} is given to be added`);
  if (context.check) return { changed, result };
  await (present ? apt.add(text) : apt.remove(fp));
  const after = shortened(await apt.trusted());
  if (after.includes(fp) !== present) throw taskFailed(present ? notAdded : notRemoved);
  return { changed, result: { ...result, after } };
}

export const module = defineRunModule({
  name: 'apt_key',
  form: 'run',
  checkMode: 'run',
  summary: 'Has apt trust a key for all repositories, or no longer.',
  notes:
    'By apt-key(8), which is gone since Debian 13; better is `signed_by` of deb822_repository, which trusts a key for one repository. `orch destroy` leaves keys as they are.',
  examples: [
    'apt_key:\n  id: 9FED2BCBDCD29CDF762678CBAED4B06F473041FA\n  url: https://deb.example.org/key.asc',
    'apt_key:\n  id: 9FED2BCBDCD29CDF762678CBAED4B06F473041FA\n  state: absent',
  ],
  params,
  run,
});
