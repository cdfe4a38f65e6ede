import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { defineModule } from './module.ts';
import { hostPath, presence } from './shared/fields.ts';
import { type Edited, editPlan, linesOf, readEdited } from './shared/files/edit.ts';
import { folderOf, tidy } from './shared/files/path.ts';
import { isAbout, parseHostKey, withHostKeys } from './shared/known-hosts.ts';
import { taskFailed } from './shared/programs.ts';

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[^\s\0]+$/, 'is no name of a host')
    .describe('The host; one with another port than 22: "[name]:port".'),
  key: z
    .string()
    .optional()
    .describe('Its key, as a line of the file: "name ssh-ed25519 AAAA..."; several keys on lines of their own.'),
  path: hostPath.default('~/.ssh/known_hosts').describe('The file.'),
  hash_host: z.boolean().default(false).describe('Write the name in a form that nobody can read it from.'),
  state: presence.describe('absent: the keys of this kind go; with no key all of the host.'),
});
type Params = z.infer<typeof fields>;

interface Current extends Edited {
  readonly salt: Buffer;
}

/** What other modules that edit files have parameters for. */
const plainly = { backup: false, unsafe_writes: false };

/** The lines of `key`, without comments. */
function keysOf({ key }: Params): readonly string[] {
  return (key ?? '').split('\n').filter((line) => /^\s*[^#\s]/.test(line));
}

const severalNames =
  'Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.';

const otherName = 'Host parameter does not match hashed host field in supplied key';

function keyProblem(params: Params): string | undefined {
  if (params.name.includes(',')) return severalNames;
  const keys = keysOf(params);
  if (keys.length === 0 && params.state === 'present') return 'No key specified when adding a host';
  // Comments alone name no key: with none at all, all of the host go.
  if (keys.length === 0) return (params.key ?? '').trim() === '' ? undefined : otherName;
  const name = params.name.toLowerCase();
  const right = keys.every((line) => isAbout(parseHostKey(line)?.hosts ?? '', name));
  return right ? undefined : otherName;
}

export const module = defineModule({
  name: 'known_hosts',
  asUser: true,
  form: 'converge',
  tellsFile: true,
  summary: 'Keeps the keys of a host in a file of known hosts.',
  notes: 'Of each kind of key the host has one. `orch destroy` brings back the old content up to 1 MiB.',
  examples: [
    'known_hosts:\n  name: git.lab\n  key: git.lab ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEoI1+l7n5GSbOn6oWk3p3cWp1kGzcoK2wXy2pW0cCQ1\n  path: /etc/ssh/ssh_known_hosts',
    'known_hosts:\n  name: git.lab\n  state: absent',
  ],
  aliases: { host: 'name' },
  params: fields.superRefine((params, context) => {
    const message = keyProblem(params);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['key'], message });
  }),
  objects: (_params, { path }: Current) => [`file ${path}`],

  async read(params, host): Promise<Current> {
    const edited = await readEdited({ path: tidy(await host.absolute(params.path)), create: true, ...plainly }, host);
    const folder = folderOf(edited.path);
    if (edited.missing.length > 0 && params.state === 'present')
      throw taskFailed(`There is no folder ${folder} for the file.`, 'A file task before this one makes it.');
    return { ...edited, salt: randomBytes(20) };
  },

  plan(params, current) {
    const { name, key = null, state, hash_host } = params;
    const { path, content, text } = current;
    const salt = hash_host ? current.salt : undefined;
    const edit = { name: name.toLowerCase(), keys: keysOf(params), state, salt };
    const wanted = withHostKeys(linesOf(text), edit).join('');
    const result = { name, key, path, hash_host, state: content === undefined && wanted === '' ? 'absent' : 'file' };
    if (content === undefined && wanted === '') return { steps: [], before: {}, after: {}, result };
    const plan = editPlan({ path, ...plainly }, current, wanted, '');
    // As in Ansible it is there also where nobody asked for differences.
    const diff = {
      before: text,
      after: wanted,
      before_header: content === undefined ? '/dev/null' : path,
      after_header: path,
    };
    return { ...plan, inParts: false, result: { ...result, diff } };
  },
});
