import type { Action } from '../../../linux/action.ts';
import type { FileState } from '../../../linux/host.ts';
import type { Step } from '../../module.ts';
import { fileAction } from '../files/steps.ts';
import type { Account } from './account.ts';
import type { UserParams } from './params.ts';

/** A key of the user's own. */
export interface UserKey {
  readonly path: string;
  /** One half of it is there. */
  readonly there: boolean;
  /** Undefined: it is not there. */
  readonly publicHalf: string | undefined;
  /** What ssh-keygen(1) says of it: bits, hash, comment, and kind. */
  readonly fingerprint: string | undefined;
  /** The host's name, for the comment of a new one. */
  readonly hostname: string;
  /** A new one is to take its place. */
  readonly replaced: boolean;
}

/** What the task is about, as the host has it. */
export interface UserState {
  readonly account: Account | undefined;
  /** The home folder, or the one that is moved there. */
  readonly home: FileState | undefined;
  /** The mode of a home folder that is made anew; what is copied into it keeps its own. */
  readonly homeMode?: number | undefined;
  /** Name of the wanted first group. */
  readonly group: string | undefined;
  /** There is a group of its name, and no user yet. */
  readonly ownGroup: boolean;
  /** Names of the groups that the task says by name or number. */
  readonly groups: string[] | undefined;
  /** The key's file, and its public half where it is there. */
  readonly key: UserKey | undefined;
}

export function exec(argv: readonly string[], stdin?: string): Action {
  return { op: 'exec', command: { argv, ...(stdin === undefined ? {} : { stdin }) } };
}

/** The groups as the task has them. */
export function groupsAsked({ groups }: UserParams): readonly string[] | undefined {
  const list = typeof groups === 'string' ? groups.split(',').map((each) => each.trim()) : groups;
  return list?.filter((each) => each !== '');
}

function groupsOf(params: UserParams): readonly string[] | undefined {
  const groups = groupsAsked(params);
  return groups && [...new Set(groups)].toSorted();
}

/** The groups that it is to be in, beside its first one. */
export function wantedGroups(
  params: UserParams,
  { account, group }: Pick<UserState, 'account' | 'group'>,
): readonly string[] {
  const present = account?.groups ?? [];
  const groups = groupsOf(params);
  if (groups === undefined) return present;
  const first = group ?? account?.group;
  const wanted = params.append ? [...present, ...groups] : groups;
  return [...new Set(wanted)].filter((each) => each !== first).toSorted();
}

/** A folder as usermod(8) writes it. */
const folder = (path: string | undefined): string | undefined => path?.replace(/(?<=.)\/+$/, '');

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

export function changes(params: UserParams, state: UserState): Change[] {
  const { account, group } = state;
  if (account === undefined) return [];
  const found: Change[] = [];
  const note = (part: string, wanted: string | undefined, present: string, words: (value: string) => string[]) => {
    if (wanted !== undefined && wanted !== present) found.push({ part, set: words(wanted), back: words(present) });
  };
  const unique = params.non_unique ? ['-o'] : [];
  note('uid', params.uid?.toString(), String(account.uid), (value) => ['-u', value, ...unique]);
  note('group', group, account.group, (value) => ['-g', value]);
  note('groups', wantedGroups(params, state).join(','), account.groups.join(','), (value) => ['-G', value]);
  note('comment', params.comment, account.comment, (value) => ['-c', value]);
  note('home', folder(params.home), account.home, (value) => ['-d', value, ...(params.move_home ? ['-m'] : [])]);
  note('shell', params.shell, account.shell, (value) => ['-s', value]);
  const { shadow } = account;
  if (shadow === undefined) return found;
  const { expires, password_lock: lock } = params;
  note('expires', expires === undefined ? undefined : expiry(expires), shadow.expires, (value) => ['-e', value]);
  const locked = shadow.hash.startsWith('!');
  // usermod(8) opens no account to which there is no password.
  if (lock === false && isBare(shadow)) return found;
  if (lock !== undefined && lock !== locked && !isNewPassword(params, account))
    found.push({ part: 'lock', set: [lock ? '-L' : '-U'], back: [lock ? '-U' : '-L'] });
  return found;
}

/** Whether there is no password, locked or not. */
export function isBare({ hash }: { readonly hash: string }): boolean {
  return /^!*$/.test(hash);
}

/** Characters of a hash by its kind, as crypt(5) has them; others have any number. */
const hashLengths: Readonly<Record<string, number>> = { '1': 22, '5': 43, '6': 86 };

/** Whether a password is one that crypt(5) may have made, or means that there is none. */
export function isHash(password: string): boolean {
  if (/^(!|\*|\*{13})?$/.test(password)) return true;
  const [before, kind = '', ...rest] = password.split('$');
  const hash = rest.at(-1);
  if (before !== '' || hash === undefined || !/^[\w./=]*$/.test(hash)) return false;
  return hash.length === (hashLengths[kind] ?? hash.length);
}

/** Days of the password by chage(1). */
export function ageSteps(params: UserParams, account: Account | undefined, object: string): Step[] {
  const shadow = account?.shadow;
  const ages = [
    ['-m', params.password_expire_min, shadow?.min],
    ['-M', params.password_expire_max, shadow?.max],
    ['-W', params.password_expire_warn, shadow?.warn],
    ['-I', params.password_expire_account_disable, shadow?.inactive],
  ] as const;
  return ages.flatMap(([option, wanted, present]): Step[] => {
    const same = wanted === undefined || String(wanted) === present || (wanted === -1 && present === '');
    if (same) return [];
    const undo = present === undefined ? [] : [exec(['chage', option, present === '' ? '-1' : present, params.name])];
    return [{ object, part: `age ${option}`, action: exec(['chage', option, String(wanted), params.name]), undo }];
  });
}

/** Whether the password is to be another: a "!" before it locks it, and is none of it. */
function isNewPassword({ password, update_password }: UserParams, account: Account | undefined): boolean {
  if (password === undefined || (account !== undefined && update_password === 'on_create')) return false;
  return account?.shadow === undefined || account.shadow.hash.replace(/^!+/, '') !== password.replace(/^!+/, '');
}

/** The hash by chpasswd(8): it stands on no command line. */
export function passwordSteps(params: UserParams, account: Account | undefined, object: string): Step[] {
  const { name, password, password_lock: lock } = params;
  if (password === undefined || !isNewPassword(params, account)) return [];
  const wanted = lock === true && !password.startsWith('!') ? `!${password}` : password;
  const present = account?.shadow?.hash;
  const undo = present === undefined ? [] : [exec(['chpasswd', '-e'], `${name}:${present}\n`)];
  return [{ object, part: 'password', action: exec(['chpasswd', '-e'], `${name}:${wanted}\n`), undo }];
}

/** useradd(8) refuses to make a group that is there; with -N the first group is that of /etc/default/useradd. */
function firstGroup({ group, ownGroup }: UserState): readonly string[] {
  if (group !== undefined) return ['-g', group];
  return ownGroup ? ['-N'] : [];
}

export function creation(params: UserParams, current: UserState, object: string): Step {
  const groups = groupsOf(params) ?? [];
  const argv = [
    'useradd',
    ...(params.uid === undefined ? [] : ['-u', String(params.uid), ...(params.non_unique ? ['-o'] : [])]),
    ...firstGroup(current),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(params.comment === undefined ? [] : ['-c', params.comment]),
    ...(params.home === undefined ? [] : ['-d', params.home]),
    ...(params.shell === undefined ? [] : ['-s', params.shell]),
    ...(params.expires === undefined || params.expires < 0 || params.system
      ? []
      : ['-e', new Date(params.expires * 1000).toISOString().slice(0, 10)]),
    ...(params.system ? ['-r'] : []),
    ...(params.create_home ? ['-m'] : ['-M']),
    ...(params.create_home && params.skeleton !== undefined ? ['-k', params.skeleton] : []),
    ...(params.umask === undefined ? [] : ['-K', `UMASK=${params.umask}`]),
    ...(params.uid_min === undefined ? [] : ['-K', `UID_MIN=${params.uid_min}`]),
    ...(params.uid_max === undefined ? [] : ['-K', `UID_MAX=${params.uid_max}`]),
    params.name,
  ];
  // A home folder that the lab made goes with its user.
  return { object, action: exec(argv), undo: [exec(['userdel', ...(params.create_home ? ['-r'] : []), params.name])] };
}

/** The last day of an account that is made where useradd(8) does not set it: it gives those of the system none. */
export function expirySteps({ name, system, expires }: UserParams, { account }: UserState, object: string): Step[] {
  if (account !== undefined || !system || expires === undefined || expires < 0) return [];
  return [{ object, part: 'expires', action: exec(['usermod', '-e', expiry(expires), name]), undo: [] }];
}

export function homeSteps(params: UserParams, { account, home, homeMode }: UserState, object: string): Step[] {
  if (account === undefined || home !== undefined || !params.create_home) return [];
  const path = params.home ?? account.home;
  const argv = ['mkhomedir_helper', params.name, params.umask ?? '0022', params.skeleton ?? '/etc/skel'];
  const mode = params.umask === undefined ? homeMode : undefined;
  return [
    { object, part: 'home folder', action: exec(argv), undo: [exec(['rmdir', '--ignore-fail-on-non-empty', path])] },
    ...(mode === undefined
      ? []
      : [{ object, part: 'mode of the home folder', action: fileAction({ do: 'mode', path, mode }), undo: [] }]),
  ];
}

export function keySteps(params: UserParams, { key }: UserState, object: string): Step[] {
  if (key === undefined || (key.there && !key.replaced)) return [];
  const bits = !params.ssh_key_bits ? [] : ['-b', String(params.ssh_key_bits)];
  const comment = params.ssh_key_comment ?? `ansible-generated on ${key.hostname}`;
  const argv = ['ssh-keygen', '-q', '-t', params.ssh_key_type, ...bits, '-C', comment, '-N', '', '-f', key.path];
  const folder = key.path.slice(0, key.path.lastIndexOf('/'));
  const as = { runAs: params.name };
  const make = { op: 'exec', command: { argv: ['mkdir', '-p', '-m', '0700', folder], ...as } } as const;
  const generate = { op: 'exec', command: { argv, ...as } } as const;
  const paths = [key.path, `${key.path}.pub`];
  const remove = { op: 'exec', command: { argv: ['rm', '-f', ...paths], ...as } } as const;
  // By then the user may have another's folder there.
  const undo = paths.map((path) => fileAction({ do: 'unlink', path }));
  return [
    { object, part: 'ssh folder', action: make, undo: [] },
    // ssh-keygen asks before it overwrites one, and follows links.
    ...(key.replaced ? [{ object, part: 'old ssh key', action: remove, undo: [] }] : []),
    { object, part: 'ssh key', action: generate, undo },
  ];
}
