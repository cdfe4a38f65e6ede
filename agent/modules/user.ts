import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Action } from '../linux/action.ts';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, type Plan, type Step } from './module.ts';
import { type Account, readAccount } from './shared/account.ts';
import { accountName } from './shared/account-name.ts';
import { absolutePath, presence, secret } from './shared/fields.ts';

/** No colon and no newline: it becomes a field of a line in /etc/passwd. */
const field = z.string().regex(/^[^:\n\0]*$/, 'holds a colon or a newline');
const days = z.int().min(-1).max(99_999);

const fields = z.strictObject({
  name: accountName.describe('The user.'),
  state: presence.describe('present or absent.'),
  uid: z.int().min(0).max(0xffffffff).optional().describe('Its number; default: a free one.'),
  non_unique: z.boolean().default(false).describe('The number may be that of another user.'),
  group: z.union([accountName, z.int()]).optional().describe('Its first group, name or number, which must be there.'),
  groups: z
    .union([z.string(), z.array(accountName)])
    .optional()
    .describe('Its other groups, a list or with commas between; with append: at least these.'),
  append: z.boolean().default(false).describe('Leave the groups that it is in.'),
  comment: field.optional().describe('Full name, or what else the field says.'),
  home: absolutePath.optional().describe('Home folder.'),
  create_home: z.boolean().default(true).describe('Make the home folder of a new user, or one that is not there.'),
  move_home: z.boolean().default(false).describe('Move the home folder to a new `home`.'),
  skeleton: absolutePath.optional().describe('What a new home folder has in it; default: /etc/skel.'),
  shell: z
    .union([absolutePath, z.literal('')])
    .optional()
    .describe('Login shell.'),
  password: secret(field)
    .optional()
    .describe('Hash as crypt(5) makes it (`{{ text | password_hash }}`), or "!" for none.'),
  update_password: z.enum(['always', 'on_create']).default('always').describe('on_create: only of a new user.'),
  password_lock: z.boolean().optional().describe('Lock or unlock the password.'),
  password_expire_min: days.optional().describe('Days between two changes of the password.'),
  password_expire_max: days.optional().describe('Days after which it must be changed.'),
  password_expire_warn: days.optional().describe('Days before that a warning is given.'),
  expires: z.number().optional().describe('Seconds since 1970 after which nobody can log in; -1: never.'),
  system: z.boolean().default(false).describe('A new one gets a number of the system and no home folder of its own.'),
  remove: z
    .boolean()
    .default(false)
    .describe('absent: remove its home folder and mail, too. destroy does not bring them back.'),
  force: z.boolean().default(false).describe('absent: even if it is logged in.'),
  umask: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'write it like "0077"')
    .optional()
    .describe('Permissions that a new home folder does not get.'),
  generate_ssh_key: z.boolean().default(false).describe('Make a key for SSH, if there is none.'),
  ssh_key_type: z.enum(['rsa', 'ed25519', 'ecdsa']).default('rsa').describe('Kind of the key.'),
  ssh_key_bits: z.int().min(256).max(16_384).optional().describe('Its length; default: that of ssh-keygen.'),
  ssh_key_file: z
    .string()
    .regex(/^[^\0\n]+$/)
    .optional()
    .describe('Its file; relative to home. Default: .ssh/id_TYPE.'),
  ssh_key_comment: field.optional().describe('What its public half says of it; default: ansible-generated.'),
});
type Params = z.infer<typeof fields>;

interface Current {
  readonly account: Account | undefined;
  readonly home: FileState | undefined;
  /** Name of the wanted first group. */
  readonly group: string | undefined;
  /** The key's file, and its public half where it is there. */
  readonly key: { readonly path: string; readonly publicHalf: string | undefined } | undefined;
}

function exec(argv: readonly string[], stdin?: string): Action {
  return { op: 'exec', command: { argv, ...(stdin === undefined ? {} : { stdin }) } };
}

function groupsOf({ groups }: Params): readonly string[] | undefined {
  const list = typeof groups === 'string' ? groups.split(',').map((each) => each.trim()) : groups;
  return list?.filter((each) => each !== '').toSorted();
}

/** The groups that it is to be in. */
function wantedGroups(params: Params, present: readonly string[]): readonly string[] {
  const groups = groupsOf(params);
  if (groups === undefined) return present;
  return params.append ? [...new Set([...present, ...groups])].toSorted() : groups;
}

/** Days since 1970, as shadow(5) has it; empty: never. */
function expiry(seconds: number): string {
  return seconds < 0 ? '' : String(Math.floor(seconds / 86_400));
}

/** One thing of an account that is another than it is to be, with the words of usermod(8) for both. */
interface Change {
  readonly part: string;
  readonly set: readonly string[];
  readonly back: readonly string[];
}

function changes(params: Params, { account, group }: Current): Change[] {
  if (account === undefined) return [];
  const found: Change[] = [];
  const note = (part: string, wanted: string | undefined, present: string, words: (value: string) => string[]) => {
    if (wanted !== undefined && wanted !== present) found.push({ part, set: words(wanted), back: words(present) });
  };
  const unique = params.non_unique ? ['-o'] : [];
  note('uid', params.uid?.toString(), String(account.uid), (value) => ['-u', value, ...unique]);
  note('group', group, account.group, (value) => ['-g', value]);
  note('groups', wantedGroups(params, account.groups).join(','), account.groups.join(','), (value) => ['-G', value]);
  note('comment', params.comment, account.comment, (value) => ['-c', value]);
  note('home', params.home, account.home, (value) => ['-d', value, ...(params.move_home ? ['-m'] : [])]);
  note('shell', params.shell, account.shell, (value) => ['-s', value]);
  const { shadow } = account;
  if (shadow === undefined) return found;
  const { expires, password_lock: lock } = params;
  note('expires', expires === undefined ? undefined : expiry(expires), shadow.expires, (value) => ['-e', value]);
  const locked = shadow.hash.startsWith('!');
  if (lock !== undefined && lock !== locked && params.password === undefined)
    found.push({ part: 'lock', set: [lock ? '-L' : '-U'], back: [lock ? '-U' : '-L'] });
  return found;
}

/** Days of the password by chage(1). */
function ageSteps(params: Params, account: Account | undefined, object: string): Step[] {
  const shadow = account?.shadow;
  const ages = [
    ['-m', params.password_expire_min, shadow?.min],
    ['-M', params.password_expire_max, shadow?.max],
    ['-W', params.password_expire_warn, shadow?.warn],
  ] as const;
  return ages.flatMap(([option, wanted, present]): Step[] => {
    const same = wanted === undefined || String(wanted) === present || (wanted === -1 && present === '');
    if (same) return [];
    const undo = present === undefined ? [] : [exec(['chage', option, present === '' ? '-1' : present, params.name])];
    return [{ object, part: `age ${option}`, action: exec(['chage', option, String(wanted), params.name]), undo }];
  });
}

/** The hash by chpasswd(8): it stands on no command line. */
function passwordSteps(params: Params, account: Account | undefined, object: string): Step[] {
  const { name, password, password_lock: lock } = params;
  if (password === undefined || (account !== undefined && params.update_password === 'on_create')) return [];
  const wanted = lock === true && !password.startsWith('!') ? `!${password}` : password;
  const present = account?.shadow?.hash;
  if (wanted === present) return [];
  const undo = present === undefined ? [] : [exec(['chpasswd', '-e'], `${name}:${present}\n`)];
  return [{ object, part: 'password', action: exec(['chpasswd', '-e'], `${name}:${wanted}\n`), undo }];
}

function creation(params: Params, current: Current, object: string): Step {
  const groups = groupsOf(params) ?? [];
  const argv = [
    'useradd',
    ...(params.uid === undefined ? [] : ['-u', String(params.uid), ...(params.non_unique ? ['-o'] : [])]),
    ...(current.group === undefined ? [] : ['-g', current.group]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(params.comment === undefined ? [] : ['-c', params.comment]),
    ...(params.home === undefined ? [] : ['-d', params.home]),
    ...(params.shell === undefined ? [] : ['-s', params.shell]),
    ...(params.expires === undefined || params.expires < 0
      ? []
      : ['-e', new Date(params.expires * 1000).toISOString().slice(0, 10)]),
    ...(params.system ? ['-r'] : []),
    ...(params.create_home ? ['-m'] : ['-M']),
    ...(params.create_home && params.skeleton !== undefined ? ['-k', params.skeleton] : []),
    ...(params.umask === undefined ? [] : ['-K', `UMASK=${params.umask}`]),
    params.name,
  ];
  // A home folder that the lab made goes with its user.
  return { object, action: exec(argv), undo: [exec(['userdel', ...(params.create_home ? ['-r'] : []), params.name])] };
}

function homeSteps(params: Params, { account, home }: Current, object: string): Step[] {
  if (account === undefined || home !== undefined || !params.create_home || params.move_home) return [];
  const path = params.home ?? account.home;
  const argv = ['mkhomedir_helper', params.name, params.umask ?? '0022', params.skeleton ?? '/etc/skel'];
  return [
    { object, part: 'home folder', action: exec(argv), undo: [exec(['rmdir', '--ignore-fail-on-non-empty', path])] },
  ];
}

function keySteps(params: Params, { key }: Current, object: string): Step[] {
  if (key === undefined || key.publicHalf !== undefined) return [];
  const bits = params.ssh_key_bits === undefined ? [] : ['-b', String(params.ssh_key_bits)];
  const comment = params.ssh_key_comment ?? 'ansible-generated';
  const argv = ['ssh-keygen', '-q', '-t', params.ssh_key_type, ...bits, '-C', comment, '-N', '', '-f', key.path];
  const folder = key.path.slice(0, key.path.lastIndexOf('/'));
  const as = { runAs: params.name };
  const make = { op: 'exec', command: { argv: ['mkdir', '-p', '-m', '0700', folder], ...as } } as const;
  const generate = { op: 'exec', command: { argv, ...as } } as const;
  const undo = { op: 'exec', command: { argv: ['rm', '-f', key.path, `${key.path}.pub`] } } as const;
  return [
    { object, part: 'ssh folder', action: make, undo: [] },
    { object, part: 'ssh key', action: generate, undo: [undo] },
  ];
}

function removal(params: Params, account: Account, object: string): Plan {
  const argv = ['userdel', ...(params.force ? ['-f'] : []), ...(params.remove ? ['-r'] : []), params.name];
  const { uid, gid, comment, home, shell, groups, shadow } = account;
  const add = [
    'useradd',
    '-o',
    '-u',
    String(uid),
    '-g',
    String(gid),
    '-G',
    groups.join(','),
    '-c',
    comment,
    '-d',
    home,
  ];
  const back = [exec([...add, '-s', shell, '-M', params.name])];
  const password = shadow === undefined ? [] : [exec(['chpasswd', '-e'], `${params.name}:${shadow.hash}\n`)];
  const step = { object, action: exec(argv), undo: [...back, ...password], removes: true };
  return { steps: [step], before: view(account), after: { state: 'absent' } };
}

/** An account as people see it; of the password only whether there is one. */
function view({ uid, group, groups, comment, home, shell }: Omit<Account, 'gid' | 'shadow'>) {
  return { state: 'present', uid, group, groups, comment, home, shell };
}

function result(params: Params, current: Current): Readonly<Record<string, unknown>> {
  const { name, state, append, move_home, create_home, system } = params;
  if (state === 'absent') return { name, state, force: params.force, remove: params.remove };
  const { account, key } = current;
  const groups = groupsOf(params);
  return {
    ...{ name, state, append, move_home },
    ...(account === undefined
      ? { create_home, system, ...(params.home === undefined ? {} : { home: params.home }) }
      : { uid: account.uid, group: account.gid, comment: account.comment, home: account.home, shell: account.shell }),
    ...(groups === undefined ? {} : { groups: groups.join(',') }),
    ...(params.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
    ...(key?.publicHalf === undefined ? {} : { ssh_key_file: key.path, ssh_public_key: key.publicHalf }),
  };
}

async function groupName(host: Host, group: string | number | undefined): Promise<string | undefined> {
  if (group === undefined) return undefined;
  const { status, stdout } = await host.exec({ argv: ['getent', 'group', String(group)] }, { onlyReads: true });
  if (status === 0) return stdout.split(':')[0];
  throw new OrchError({
    code: 'missing-object',
    summary: `Group ${group} does not exist`,
    hint: 'A group task before this one makes it.',
  });
}

export const module = defineModule({
  name: 'user',
  form: 'converge',
  summary: 'Makes, changes or removes a user.',
  notes:
    'By useradd(8), usermod and userdel of the host. Passwords are given as hashes and stand in no log, result or command line. ' +
    '`orch destroy` removes users that the lab made, with the home folders it made for them.',
  examples: [
    'user:\n  name: alice\n  groups: [sudo]\n  append: true\n  shell: /bin/bash',
    'user:\n  name: alice\n  state: absent\n  remove: true',
  ],
  aliases: { user: 'name', createhome: 'create_home' },
  params: fields,
  objects: ({ name }) => [`user ${name}`],

  async read(params, host): Promise<Current> {
    const account = await readAccount(host, params.name);
    if (params.state === 'absent') return { account, home: undefined, group: undefined, key: undefined };
    const folder = params.home ?? account?.home;
    const home = account === undefined || folder === undefined ? undefined : await host.stat(folder);
    const group = await groupName(host, params.group);
    if (!params.generate_ssh_key) return { account, home, group, key: undefined };
    const file = params.ssh_key_file ?? `.ssh/id_${params.ssh_key_type}`;
    const path = file.startsWith('/') ? file : `${folder ?? `/home/${params.name}`}/${file}`;
    const publicHalf = (await host.readFile(`${path}.pub`))?.toString('utf8').trimEnd();
    return { account, home, group, key: { path, publicHalf } };
  },

  plan(params, current) {
    const object = `user ${params.name}`;
    const { account } = current;
    const about = { result: result(params, current) };
    if (params.state === 'absent') {
      if (account !== undefined) return { ...removal(params, account, object), ...about };
      return { steps: [], before: { state: 'absent' }, after: { state: 'absent' }, ...about };
    }
    const steps: Step[] = account === undefined ? [creation(params, current, object)] : [];
    for (const { part, set, back } of changes(params, current)) {
      const undo = [exec(['usermod', ...back, params.name])];
      steps.push({ object, part, action: exec(['usermod', ...set, params.name]), undo });
    }
    steps.push(...homeSteps(params, current, object));
    steps.push(...passwordSteps(params, account, object), ...ageSteps(params, account, object));
    steps.push(...keySteps(params, current, object));
    const before = account === undefined ? { state: 'absent' } : view(account);
    const after = { ...(account === undefined ? { state: 'present' } : view(account)), ...wantedView(params, current) };
    return { steps, before, after: steps.length === 0 ? before : after, ...about };
  },
});

/** What the diff shows of the wanted state. */
function wantedView(params: Params, { account, group }: Current) {
  const { uid, comment, home, shell, password } = params;
  const wanted = { uid, group, groups: wantedGroups(params, account?.groups ?? []), comment, home, shell };
  const said = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  return password === undefined ? said : { ...said, password: '(a hash)' };
}
