import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { addLibrary, settings } from '../config/settings.ts';
import { filedSecret } from '../connect/password-file.ts';
import { askedSecret } from '../connect/prompt.ts';
import type { Secret } from '../connect/types.ts';
import type { Listed } from '../run/listing.ts';
import { vaultOptions } from '../vault/options.ts';

/** Options of `orch run` as they were given; lists are empty when nothing was. */
export interface RunCommandOptions {
  readonly playbooks: readonly string[];
  readonly inventories: readonly string[];
  readonly limit: string | undefined;
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask: string | undefined;
  readonly check: boolean;
  readonly diff: boolean;
  readonly forceHandlers: boolean;
  readonly flushCache: boolean;
  /** What is printed in place of a run. */
  readonly list: readonly Listed[];
  readonly syntaxCheck: boolean;
  /** A person is asked before each task. */
  readonly step: boolean;
  readonly output: 'text' | 'json';
  readonly verbosity: number;
  /** undefined: by whether a play names its lab. */
  readonly waitSeconds: number | undefined;
  /** 0: only what touches the way to a host has to be confirmed. */
  readonly confirmSeconds: number;
  /** Cells that are not as expected get a verdict. */
  readonly why: boolean;
  readonly reach: ReachOptions;
}

/** How hosts are reached, where no variable says it. */
export interface ReachOptions {
  readonly acceptHostKey: boolean;
  readonly password: Secret | undefined;
  readonly becomePassword: Secret | undefined;
  readonly user: string | undefined;
  readonly become: boolean;
  readonly becomeUser: string | undefined;
  readonly connection: string | undefined;
  readonly port: number | undefined;
  /** Options of ssh: of ansible.cfg, of --ssh-common-args and of --ssh-extra-args. */
  readonly sshArgs: string | undefined;
  readonly sshCommonArgs: string | undefined;
  readonly sshExtraArgs: string | undefined;
  readonly privateKey: string | undefined;
  readonly timeoutSeconds: number;
}

/**
 * How long a run queues behind another one of its lab where no play names that: files of one name in two folders need not be
 * meant to be one lab, and people who know Ansible run them side by side.
 */
export const unnamedPatienceS = 20;

export const inventoryOption = {
  alias: ['i', 'inventory-file'],
  type: 'string',
  array: true,
  nargs: 1,
  describe: 'Inventory file, folder or "host,host"',
} as const;

/** For people or for programs. */
export const outputOption = {
  alias: 'o',
  choices: ['text', 'json'],
  default: 'text',
  describe: 'What to print',
} as const;

/** Playbooks of commands that read them as they are written. */
export const playbooksPositional = {
  type: 'string',
  array: true,
  describe: 'Playbooks; all that they name is read too',
} as const;

/** Variables that win over all others. */
export const extraVarsOption = {
  alias: 'e',
  type: 'string',
  array: true,
  nargs: 1,
  describe: 'Variables: key=value, JSON or @file',
} as const;

/** Options that say how hosts are reached: the same for every command that contacts hosts. */
export function reachOptions(yargs: Argv): Argv {
  return vaultOptions(yargs).options({
    inventory: inventoryOption,
    'accept-host-key': { type: 'boolean', describe: 'Trust hosts that known_hosts does not know, and remember them' },
    'ask-pass': { alias: 'k', type: 'boolean', describe: 'Ask for the SSH password' },
    'connection-password-file': {
      alias: 'conn-pass-file',
      type: 'string',
      describe: 'File that holds the SSH password, or a script that prints it',
    },
    'ask-become-pass': { alias: 'K', type: 'boolean', describe: 'Ask for the sudo password' },
    'become-password-file': {
      alias: 'become-pass-file',
      type: 'string',
      describe: 'File that holds the sudo password, or a script that prints it',
    },
    timeout: { alias: 'T', type: 'number', describe: 'Seconds for each wait on the way to a host (default 10)' },
  });
}

/** Options of commands that choose hosts by a pattern beside what they are given. */
export function targetOptions(yargs: Argv): Argv {
  return reachOptions(yargs).option('limit', {
    alias: 'l',
    type: 'string',
    describe: 'Only these hosts (a pattern)',
  });
}

/** Who logs in, and whom it becomes. */
export function loginOptions(yargs: Argv): Argv {
  return yargs.options({
    user: { alias: 'u', type: 'string', describe: 'User to log in as' },
    become: { alias: 'b', type: 'boolean', describe: 'Become another user, as the playbook keyword does' },
    'become-user': { type: 'string', describe: 'User to become (default root)' },
    'private-key': { alias: 'key-file', type: 'string', describe: 'SSH key file' },
    'ssh-common-args': { type: 'string', describe: 'Options of ssh, as the variable ansible_ssh_common_args' },
    'ssh-extra-args': { type: 'string', describe: 'Options of ssh, as the variable ansible_ssh_extra_args' },
  });
}

/** Options of Ansible that say nothing here: the agent is root, files go through its stream. */
const withoutEffect = ['become-method', 'scp-extra-args', 'sftp-extra-args'] as const;

/** Has yargs take the options of Ansible that have no effect. */
function ansibleOptions(yargs: Argv): Argv {
  const accepted = { hidden: true, describe: 'Accepted as in Ansible' } as const;
  return yargs
    .options(Object.fromEntries(withoutEffect.map((name) => [name, accepted])))
    .string(withoutEffect)
    .option('flush-cache', { type: 'boolean', describe: 'Use no facts that earlier runs kept (fact_caching)' })
    .option('module-path', { alias: 'M', type: 'string', describe: 'Folders of modules, before those of ansible.cfg' })
    .option('forks', {
      alias: 'f',
      type: 'number',
      describe: 'Accepted as in Ansible: hosts never wait for each other',
    });
}

/** Options of commands that do something by a playbook. */
export function hostOptions(yargs: Argv): Argv {
  return ansibleOptions(loginOptions(targetOptions(yargs))).options({
    connection: { alias: 'c', type: 'string', describe: 'How hosts are reached: ssh or local' },
    'extra-vars': extraVarsOption,
    wait: {
      type: 'number',
      describe: `Seconds to queue behind another run of the same lab (default 0; ${unnamedPatienceS} where no play says lab:)`,
    },
    check: { alias: 'C', type: 'boolean', describe: 'Change nothing; say what would be' },
    output: { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'What to print' },
    verbose: { alias: 'v', type: 'count', describe: 'Say more; up to -vvv' },
  });
}

/** Adds the options of `orch run`. */
export function runOptions(yargs: Argv): Argv {
  return hostOptions(yargs)
    .positional('playbook', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Playbook files, run in turn',
    })
    .options({
      tags: { alias: 't', type: 'string', array: true, nargs: 1, describe: 'Only tasks with these tags' },
      'skip-tags': { type: 'string', array: true, nargs: 1, describe: 'No tasks with these tags' },
      'start-at-task': { type: 'string', describe: 'Begin at the task of this name' },
      'force-handlers': { type: 'boolean', describe: 'Run notified handlers on failed hosts, too' },
      diff: { alias: 'D', type: 'boolean', describe: 'Show what changes' },
      confirm: {
        type: 'string',
        describe: 'Hosts take the run back unless all goes well and they are reached anew within SECONDS (default 30)',
      },
      why: {
        type: 'boolean',
        default: true,
        describe: 'Say why cells are not as expected; --no-why does not ask',
      },
      'list-hosts': { type: 'boolean', describe: 'Print the hosts of each play, and end' },
      'list-tasks': { type: 'boolean', describe: 'Print the tasks of each play, and end' },
      'list-tags': { type: 'boolean', describe: 'Print the tags of each play, and end' },
      step: { type: 'boolean', describe: 'Ask before each task: no, yes, or all from here on' },
      'syntax-check': { type: 'boolean', describe: 'Check the input, and end' },
    });
}

/** Letters of flags, then that of an option with a value, then the value. */
const joined = /^(-[bCDJKhkov]*[BMPTacefilmtu])=?(.+)$/s;

/**
 * Words as Python's argparse has them, for yargs: `-uroot` as `-u=root`, which would be a row of flags, and `--args '-v x'`
 * as `--args='-v x'`: what starts with a dash and holds a blank is no option.
 */
export function spellOut(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const spelled: string[] = [];
  for (const [at, word] of words.entries()) {
    const before = spelled.at(-1);
    const [, letters, value] = (end < 0 || at < end ? joined.exec(word) : null) ?? [];
    if (/^-\S* /.test(word) && before !== undefined && /^-[^=]*$/.test(before))
      spelled[spelled.length - 1] = `${before}=${word}`;
    else spelled.push(letters === undefined ? word : `${letters}=${value}`);
  }
  return spelled;
}

const defaultConfirmSeconds = 30;

type Args = Readonly<Record<string, unknown>>;

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
/** Of an option that was given twice the last counts. */
export const lastGiven = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value);

const text = (value: unknown): string | undefined => {
  const last = lastGiven(value);
  return last === undefined ? undefined : String(last);
};
const words = (value: unknown): readonly string[] =>
  texts(value).flatMap((list) => list.split(',').flatMap((word) => word.trim() || []));

/** A number of seconds from the command line. Throws OrchError. */
export function readSeconds(option: string, value: unknown, least: number): number {
  const number = Number(lastGiven(value));
  if (number >= least && number <= 86_400) return number;
  throw new OrchError({
    code: 'invalid-option',
    summary: `${option} takes seconds, at least ${least} and at most 86400.`,
  });
}

/** yargs' loose record as typed options. */
export function readRunOptions(args: Args): RunCommandOptions {
  const library = texts(args.modulePath).flatMap((paths) => paths.split(':').flatMap((path) => path || []));
  if (library.length > 0) addLibrary(library.map((path) => resolve(path)));
  return {
    playbooks: texts(args.playbook),
    inventories: texts(args.inventory),
    limit: text(args.limit),
    extraVars: texts(args.extraVars),
    tags: args.tags === undefined ? settings().runTags : words(args.tags),
    skipTags: args.skipTags === undefined ? settings().skipTags : words(args.skipTags),
    startAtTask: text(args.startAtTask),
    check: args.check === true,
    diff: args.diff === true || settings().diff,
    forceHandlers: args.forceHandlers === true || settings().forceHandlers,
    flushCache: args.flushCache === true,
    list: [
      ...(args.listHosts === true ? (['hosts'] as const) : []),
      ...(args.listTasks === true ? (['tasks'] as const) : []),
      ...(args.listTags === true ? (['tags'] as const) : []),
    ],
    syntaxCheck: args.syntaxCheck === true,
    step: args.step === true,
    output: args.output === 'json' ? 'json' : 'text',
    verbosity: Number(args.verbose ?? 0) || settings().verbosity,
    waitSeconds: args.wait === undefined ? undefined : readSeconds('--wait', args.wait, 0),
    confirmSeconds: args.confirm === undefined ? 0 : readSeconds('--confirm', args.confirm || defaultConfirmSeconds, 3),
    why: args.why !== false,
    reach: readReachOptions(args),
  };
}

/** Passwords that the command line or ansible.cfg name: asked for, or in files. Of both the file counts. */
function readPasswords(args: Args): Pick<ReachOptions, 'password' | 'becomePassword'> {
  const secret = (file: string | undefined, asks: boolean, what: string): Secret | undefined => {
    if (file !== undefined) return filedSecret(file, what);
    return asks ? askedSecret(what, 'Give it as a variable: ansible_password, ansible_become_password.') : undefined;
  };
  return {
    password: secret(
      text(args.connectionPasswordFile) ?? settings().connectionPasswordFile,
      args.askPass === true || settings().askPass,
      'SSH password',
    ),
    becomePassword: secret(
      text(args.becomePasswordFile) ?? settings().becomePasswordFile,
      args.askBecomePass === true || settings().becomeAskPass,
      'sudo password',
    ),
  };
}

const defaultTimeoutSeconds = 10;

/** How hosts are reached by the command line, or else by ansible.cfg. */
export function readReachOptions(args: Args): ReachOptions {
  const said = settings();
  return {
    acceptHostKey: args.acceptHostKey === true || !said.hostKeyChecking,
    ...readPasswords(args),
    user: text(args.user) ?? said.remoteUser,
    port: said.remotePort,
    become: args.become === true || said.become,
    becomeUser: text(args.becomeUser) ?? said.becomeUser,
    connection: text(args.connection) ?? said.transport,
    sshArgs: said.sshArgs,
    sshCommonArgs: text(args.sshCommonArgs) ?? said.sshCommonArgs,
    sshExtraArgs: text(args.sshExtraArgs) ?? said.sshExtraArgs,
    privateKey: text(args.privateKey) ?? said.privateKeyFile,
    timeoutSeconds: readSeconds('--timeout', args.timeout ?? said.timeout ?? defaultTimeoutSeconds, 0.1),
  };
}
