import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { defineModule, idToCome, type Plan, type Step } from './module.ts';
import { type Account, ofFiles, readAccount } from './shared/user/account.ts';
import { type UserParams, userParams } from './shared/user/params.ts';
import {
  ageSteps,
  changes,
  creation,
  exec,
  expirySteps,
  groupsAsked,
  homeSteps,
  isBare,
  isHash,
  keySteps,
  passwordSteps,
  type UserKey,
  type UserState,
  wantedGroups,
} from './shared/user/steps.ts';

function removal(params: UserParams, account: Account, object: string): Plan {
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

/** What a user is once the task is done; a new group's number is for the second look to tell. */
function facts(params: UserParams, account: Account, group: string | undefined): Readonly<Record<string, unknown>> {
  const { uid = account.uid, comment = account.comment, home = account.home, shell = account.shell } = params;
  const same = group === undefined || group === account.group;
  return { uid, comment, home, shell, ...(same ? { group: account.gid } : {}) };
}

function result(params: UserParams, current: UserState): Readonly<Record<string, unknown>> {
  const { name, state, append, move_home, create_home, system } = params;
  const { account } = current;
  // Of a new one the second look tells.
  const key = current.key?.replaced ? undefined : current.key;
  if (state === 'absent') {
    return account === undefined ? { name, state } : { name, state, force: params.force, remove: params.remove };
  }
  const groups = groupsAsked(params);
  return {
    ...{ name, state },
    // Those of a change are not told of a user that is made, also not by the second look.
    ...(account === undefined
      ? { create_home, system, append: undefined, move_home: undefined }
      : { append, move_home, ...facts(params, account, current.group) }),
    ...(account === undefined && params.home !== undefined ? { home: params.home } : {}),
    ...(groups === undefined ? {} : { groups: groups.join(',') }),
    ...(params.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
    ...(key?.there ? { ssh_key_file: key.path, ssh_public_key: key.publicHalf ?? null } : {}),
    ...(key?.fingerprint === undefined ? {} : { ssh_fingerprint: key.fingerprint }),
  };
}

async function keyAt(host: Host, path: string, force: boolean): Promise<UserKey> {
  const publicHalf = (await host.readFile(`${path}.pub`))?.toString('utf8').trimEnd();
  const there = publicHalf !== undefined || (await host.stat(path)) !== undefined;
  const replaced = force && there;
  const hostname = replaced || !there ? ((await host.sysctl('kernel/hostname')) ?? '').trim() : '';
  const known = { path, there, publicHalf, hostname, replaced };
  if (!there) return { ...known, fingerprint: undefined };
  const half = publicHalf === undefined ? path : `${path}.pub`;
  const said = await host.exec({ argv: ['ssh-keygen', '-lf', half] }, { onlyReads: true });
  return { ...known, fingerprint: said.status === 0 ? said.stdout.trim() : undefined };
}

/** The mode that login.defs(5) has home folders made with. */
async function homeModeOf(host: Host): Promise<number | undefined> {
  const text = (await host.readFile('/etc/login.defs'))?.toString('utf8') ?? '';
  const [mode, mask] = ['HOME_MODE', 'UMASK'].map((key) => {
    const [, digits] = new RegExp(`^${key}\\s+([0-7]{1,4})\\s*$`, 'm').exec(text) ?? [];
    return digits === undefined ? undefined : Number.parseInt(digits, 8);
  });
  return mode ?? (mask === undefined ? undefined : 0o777 & ~mask);
}

async function nameInDatabase(host: Host, group: string, local: boolean): Promise<string | undefined> {
  const argv = ['getent', ...ofFiles(local), 'group', group];
  const { status, stdout } = await host.exec({ argv }, { onlyReads: true });
  return status === 0 ? stdout.split(':')[0] : undefined;
}

async function groupName(host: Host, group: string | number, local: boolean): Promise<string> {
  const known = await nameInDatabase(host, String(group), local);
  if (known !== undefined) return known;
  // A task before would make it, were this not check mode.
  if (((await host.group(String(group))) ?? idToCome(host)) !== undefined) return String(group);
  throw new OrchError({
    code: 'missing-object',
    summary: `Group ${group} does not exist`,
    hint: 'A group task before this one makes it.',
  });
}

export const module = defineModule({
  name: 'user',
  form: 'converge',
  slow: true,
  summary: 'Makes, changes or removes a user.',
  notes:
    'By useradd(8), usermod and userdel of the host. Passwords are given as hashes and stand in no log, result or command line. ' +
    '`orch destroy` removes users that the lab made, with the home folders it made for them.',
  examples: [
    'user:\n  name: alice\n  groups: [sudo]\n  append: true\n  shell: /bin/bash',
    'user:\n  name: alice\n  state: absent\n  remove: true',
  ],
  aliases: { user: 'name', createhome: 'create_home' },
  params: userParams,
  objects: ({ name }) => [`user ${name}`],
  makes({ name, state, uid, group, home = `/home/${name}`, create_home }) {
    if (state === 'absent') return [];
    return [
      { kind: 'user', name, id: uid },
      ...(group === undefined ? [{ kind: 'group', name } as const] : []),
      ...(create_home ? [{ kind: 'files', name: home } as const] : []),
    ];
  },

  async read(params, host, _seen, acted): Promise<UserState> {
    const account = await readAccount(host, params.name, params.local);
    const none = { home: undefined, group: undefined, groups: undefined, ownGroup: false, key: undefined };
    if (params.state === 'absent') return { account, ...none };
    const folder = params.home ?? account?.home;
    const home =
      account &&
      ((await host.stat(folder ?? account.home)) ?? (params.move_home ? await host.stat(account.home) : undefined));
    const group = params.group === undefined ? undefined : await groupName(host, params.group, params.local);
    const asked = groupsAsked(params);
    // Looked at before anything is changed: usermod would fail amidst the others.
    const isName = async (each: string) =>
      account?.groups.includes(each) || (!/^\d+$/.test(each) && (await host.group(each)) !== undefined);
    const named = async (each: string) => ((await isName(each)) ? each : groupName(host, each, params.local));
    const groups = asked && (await Promise.all(asked.map(named)));
    const alone = account === undefined && params.group === undefined;
    const ownGroup = alone && (await nameInDatabase(host, params.name, params.local)) !== undefined;
    const makesHome = account !== undefined && home === undefined && params.create_home && params.umask === undefined;
    const homeMode = makesHome ? await homeModeOf(host) : undefined;
    const known = { account, home, homeMode, group, groups, ownGroup };
    if (!params.generate_ssh_key) return { ...known, key: undefined };
    const file = params.ssh_key_file ?? `.ssh/id_${params.ssh_key_type}`;
    const path = file.startsWith('/') ? file : `${folder ?? `/home/${params.name}`}/${file}`;
    return { ...known, key: await keyAt(host, path, params.force && acted !== true) };
  },

  plan(asked, current) {
    const object = `user ${asked.name}`;
    const { account } = current;
    const about = { result: result(asked, current) };
    const params = { ...asked, groups: current.groups };
    if (params.state === 'absent') {
      if (account !== undefined) return { ...removal(params, account, object), ...about };
      return { steps: [], before: { state: 'absent' }, after: { state: 'absent' }, ...about };
    }
    const steps: Step[] = account === undefined ? [creation(params, current, object)] : [];
    for (const { part, set, back } of changes(params, current)) {
      const undo = [exec(['usermod', ...back, params.name])];
      steps.push({ object, part, action: exec(['usermod', ...set, params.name]), undo });
    }
    steps.push(...expirySteps(params, current, object), ...homeSteps(params, current, object));
    steps.push(...passwordSteps(params, account, object), ...ageSteps(params, account, object));
    steps.push(...keySteps(params, current, object));
    const before = account === undefined ? { state: 'absent' } : view(account);
    const after = { ...(account === undefined ? { state: 'present' } : view(account)), ...wantedView(params, current) };
    const warnings = warningsOf(params, account);
    return { steps, before, after: steps.length === 0 ? before : after, warnings, ...about };
  },
});

function warningsOf(params: UserParams, account: Account | undefined): readonly string[] {
  const { name, password, append, groups, local } = params;
  const opens = params.password_lock === false && (password === undefined || params.update_password === 'on_create');
  const bare = opens && account?.shadow !== undefined && isBare(account.shadow);
  const samePassword = password?.startsWith('!') && account?.shadow?.hash === password.replace(/^!+/, '');
  const said = {
    [`${name} stays open: say password_lock: true`]:
      samePassword === true && params.password_lock === undefined && params.update_password === 'always',
    [`${name} stays locked: there is no password to unlock`]: bare,
    "The input password appears not to have been hashed. The 'password' argument must be encrypted to work properly.":
      password !== undefined && !isHash(password),
    "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.":
      append && groups === undefined,
    [`'local: true' specified and user '${name}' was not found in /etc/passwd. The local user account may already exist elsewhere.`]:
      local && account === undefined,
  };
  return Object.keys(said).filter((text) => said[text]);
}

/** What the diff shows of the wanted state. */
function wantedView(params: UserParams, state: UserState) {
  const { uid, comment, home, shell, password } = params;
  const wanted = { uid, group: state.group, groups: wantedGroups(params, state), comment, home, shell };
  const said = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  return password === undefined ? said : { ...said, password: '(a hash)' };
}
