import { resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { addLibrary, settings } from '../config/settings.ts';
import { filedSecret } from '../connect/asking/password-file.ts';
import { askedSecret } from '../connect/asking/prompt.ts';
import type { Secret } from '../connect/types.ts';
import { expandedPath } from '../paths.ts';
import type { ReachOptions } from '../run/hosts/targets.ts';
import type { Listed } from '../run/input/listing.ts';
import { type Args, pathText, readSeconds, text, texts } from './read-options.ts';

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
  /** It is run again when a file changes. */
  readonly watch: boolean;
  readonly output: 'text' | 'json';
  readonly verbosity: number;
  /** What `ansible_forks` tells. */
  readonly forks: number | undefined;
  /** How many hosts may work at the same time. Many say `forks` in ansible.cfg, to have more at work: that keeps nobody back. */
  readonly mostAtOnce: number | undefined;
  /** undefined: by whether a play names its lab. */
  readonly waitSeconds: number | undefined;
  /** 0: only what touches the way to a host has to be confirmed. */
  readonly confirmSeconds: number;
  /** Cells that are not as expected get a verdict. */
  readonly why: boolean;
  readonly reach: ReachOptions;
}

const defaultConfirmSeconds = 30;

/** An empty one is a tag that no task has, as in Ansible: `--tags "$TAGS"` without any means not all tasks. */
const words = (value: unknown): readonly string[] =>
  texts(value).flatMap((list) => list.split(',').map((word) => word.trim()));

/** The folder that stands for the playbook's where there is none: of --playbook-dir, of the settings, or this one. */
export const readPlaybookDir = (given: unknown): string => saidPlaybookDir(given) ?? '.';

/** The same; undefined where nobody says one. */
export const saidPlaybookDir = (given: unknown): string | undefined => pathText(given) ?? settings().playbookDir;

/** The number of --forks, or of the settings. Throws OrchError. */
function readForks(forks: number | undefined): number | undefined {
  if (forks === undefined || (Number.isInteger(forks) && forks > 0)) return forks;
  throw new OrchError({
    code: 'invalid-option',
    summary: `The number of processes (--forks) must be a whole number >= 1, not ${forks}.`,
  });
}

/** yargs' loose record as typed options. */
export function readRunOptions(args: Args): RunCommandOptions {
  // As in Ansible those of the last one come first.
  const library = texts(args.modulePath)
    .toReversed()
    .flatMap((paths) => paths.split(':').flatMap((path) => path || []));
  const mostAtOnce = args.forks === undefined ? undefined : Number(args.forks);
  if (library.length > 0) addLibrary(library.map((path) => resolve(expandedPath(path))));
  return {
    playbooks: texts(args.playbook),
    inventories: texts(args.inventory),
    limit: text(args.limit),
    extraVars: texts(args.extraVars),
    tags: [...settings().runTags, ...words(args.tags)],
    skipTags: [...settings().skipTags, ...words(args.skipTags)],
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
    watch: args.watch === true,
    output: args.output === 'json' ? 'json' : 'text',
    verbosity: Number(args.verbose ?? 0) + settings().verbosity,
    forks: readForks(mostAtOnce ?? settings().forks),
    mostAtOnce,
    waitSeconds: args.wait === undefined ? undefined : readSeconds('--wait', args.wait, 0),
    confirmSeconds: args.confirm === undefined ? 0 : readSeconds('--confirm', args.confirm || defaultConfirmSeconds, 3),
    why: args.why !== false,
    reach: readReachOptions(args),
  };
}

/**
 * Passwords that the command line or ansible.cfg name: asked for, or in files. Of both in one place the file counts. Questions are
 * Ansible's, and an empty answer to that for sudo's means the one for SSH.
 */
function readPasswords(args: Args): Pick<ReachOptions, 'password' | 'becomePassword'> {
  const said = settings();
  const secret = (file: string | undefined, what: string, question: string | undefined): Secret | undefined => {
    if (file !== undefined) return filedSecret(file, what);
    if (question === undefined) return undefined;
    return askedSecret(question, 'Give it as a variable: ansible_password, ansible_become_password.');
  };
  const file = text(args.connectionPasswordFile) ?? (args.askPass === true ? undefined : said.connectionPasswordFile);
  const asks = args.askPass === true || said.askPass;
  const password = secret(file, 'SSH password', asks ? 'SSH password' : undefined);
  const becomeFile =
    text(args.becomePasswordFile) ?? (args.askBecomePass === true ? undefined : said.becomePasswordFile);
  const asksBecome = args.askBecomePass === true || said.becomeAskPass;
  const question = `BECOME password${password === undefined ? '' : '[defaults to SSH password]'}`;
  const become = secret(becomeFile, 'sudo password', asksBecome ? question : undefined);
  if (become && password) return { password, becomePassword: async () => (await become()) || password() };
  const plain = said.becomePassword;
  return { password, becomePassword: become ?? (plain === undefined ? undefined : async () => plain) };
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
    privateKey: pathText(args.privateKey) ?? said.privateKeyFile,
    timeoutSeconds: readSeconds('--timeout', args.timeout ?? said.timeout ?? defaultTimeoutSeconds, 0.1),
  };
}
