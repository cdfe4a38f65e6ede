import * as z from 'zod';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { accountName } from './shared/account-name.ts';
import { type AuthorizedKey, parseAuthorizedKey, withKeys } from './shared/authorized-keys.ts';
import { presence } from './shared/fields.ts';
import { type Edited, editPlan, readEdited } from './shared/files/edit.ts';
import { fromHome, homePath } from './shared/files/home-path.ts';
import { folderOf } from './shared/files/path.ts';
import { attributeSteps, fileAction } from './shared/files/steps.ts';
import { taskFailed } from './shared/programs.ts';
import { webUrl } from './shared/web.ts';

const line = z.string().regex(/^[^\r\n\0]*$/, 'holds a newline');

const fields = z.strictObject({
  user: accountName.describe('Whose logins the keys are for.'),
  key: z
    .string()
    .min(1)
    .describe('Public keys, each on a line; or the URL of a file of them, file:///PATH for one of the host.'),
  path: homePath.optional().describe("The file; ~ is the user's home folder. Default: ~/.ssh/authorized_keys."),
  manage_dir: z
    .boolean()
    .default(true)
    .describe("Make the folder, the user's alone; say false where path is another's."),
  state: presence.describe('present or absent.'),
  key_options: line.optional().describe('Options of the keys, as sshd(8) has them: no-pty,from="10.0.0.0/8".'),
  exclusive: z.boolean().default(false).describe('All other lines go. Of a loop, only the last item would stay.'),
  comment: line.optional().describe('Comment of the keys; default: what stands behind each.'),
  follow: z.boolean().default(false).describe('Follow a symbolic link; it is followed in any case.'),
  validate_certs: z.boolean().default(true).describe("Check the certificate of the URL's server."),
});
type Params = z.infer<typeof fields>;

interface Current extends Edited {
  readonly keys: readonly AuthorizedKey[];
  readonly folder: FileState | undefined;
  readonly uid: number;
  readonly gid: number;
}

/** Time for a server to send a file of keys, and the bytes it may have. */
const request = { method: 'GET', headers: {}, timeoutMs: 30_000, limit: 1024 * 1024, follow: 'all' } as const;

async function keyText({ key, validate_certs }: Params, host: Host): Promise<string> {
  if (key.startsWith('file://')) {
    const path = key.slice(7);
    const content = await host.readFile(path);
    if (content === undefined) throw taskFailed(`Path to a key file not found: ${path}`);
    return content.toString();
  }
  if (!webUrl.safeParse(key).success) return key;
  const reply = await host.web({ ...request, url: key, insecure: !validate_certs });
  if (reply.status !== 200) throw taskFailed(`Error getting key from: ${key}: ${reply.status} ${reply.reason}`);
  return reply.body.toString('utf8');
}

/** The keys of a text, as the task wants them. Throws OrchError for a line that holds none. */
function keysOf(text: string, { key_options, comment }: Params): AuthorizedKey[] {
  const lines = text.split('\n').filter((each) => each.trim() !== '' && !each.trim().startsWith('#'));
  return lines.map((each) => {
    const key = parseAuthorizedKey(each);
    if (key === undefined)
      throw taskFailed(`invalid key specified: ${each}`, 'Write it like "ssh-ed25519 AAAA... name".');
    return { ...key, options: key_options ?? key.options, comment: comment ?? key.comment };
  });
}

/** What other modules that edit files have parameters for. */
const plainly = { create: true, backup: false, unsafe_writes: false };

/** The folder of the file, there and the user's alone. */
function folderSteps(params: Params, { folder, path, uid, gid }: Current): Step[] {
  if (!params.manage_dir) return [];
  const at = folderOf(path);
  if (folder !== undefined) return attributeSteps(at, folder, { uid, gid, mode: 0o700 });
  const object = `file ${at}`;
  const undo = [fileAction({ do: 'rmdir', path: at })];
  return [
    { object, action: fileAction({ do: 'mkdir', path: at, mode: 0o700 }), undo },
    { object, action: fileAction({ do: 'owner', path: at, uid, gid }), undo: [] },
  ];
}

export const module = defineModule({
  name: 'authorized_key',
  asUser: true,
  form: 'converge',
  tellsFile: true,
  summary: 'Adds or removes keys that a user may log in with.',
  notes:
    'As ansible.posix.authorized_key. What stands in the file besides keys stays, unless they are exclusive: then there must be one. `orch destroy` brings back the old content up to 1 MiB.',
  examples: [
    'authorized_key:\n  user: alice\n  key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEoI1+l7n5GSbOn6oWk3p3cWp1kGzcoK2wXy2pW0cCQ1 alice@lab',
    'authorized_key:\n  user: alice\n  key: https://keys.example.org/alice.keys\n  exclusive: true',
  ],
  params: fields,
  objects: ({ manage_dir }, { path }: Current) =>
    (manage_dir ? [folderOf(path), path] : [path]).map((each) => `file ${each}`),

  async read(params, host): Promise<Current> {
    const user = await host.user(params.user);
    if (user === undefined)
      throw taskFailed(
        `Failed to lookup user ${params.user}: "getpwnam(): name not found: '${params.user}'"`,
        'A user task before this one makes it.',
      );
    const path = await fromHome(host, params.path ?? '~/.ssh/authorized_keys', params.user);
    const edited = await readEdited({ path, ...plainly }, host);
    const { uid, gid } = user;
    const folder = await host.stat(`${folderOf(edited.path)}/.`);
    const keys = keysOf(await keyText(params, host), params);
    return { ...edited, ids: { uid, gid }, newIds: { uid, gid }, keys, folder, uid, gid };
  },

  plan(params, current) {
    const { path, text, keys } = current;
    const {
      user,
      key,
      state,
      exclusive,
      manage_dir,
      key_options = null,
      comment = null,
      follow,
      validate_certs,
    } = params;
    const result = {
      ...{ user, key, path: params.path ?? null, keyfile: path, state, exclusive, manage_dir, key_options, comment },
      ...{ follow, validate_certs },
    };
    const wanted = withKeys(text, { state, keys, exclusive });
    // Where a file or a server has no keys (any more), nobody is to be locked out by that.
    if (state === 'present' && exclusive && keys.length === 0)
      throw taskFailed('no key is left to log in with', 'Name one that stays, or say the keys that go: state: absent.');
    // Owner and permissions are seen to where keys change, as Ansible does.
    if (wanted === text) return { steps: [], before: text, after: text, result };
    const above = manage_dir ? current.missing.slice(0, -1) : current.missing;
    const { steps, warnings = [] } = editPlan(
      { path, mode: '0600', ...plainly },
      { ...current, missing: above },
      wanted,
      '',
    );
    const all = [...steps.slice(0, above.length), ...folderSteps(params, current), ...steps.slice(above.length)];
    return { steps: all, before: text, after: wanted, warnings, result };
  },
});
