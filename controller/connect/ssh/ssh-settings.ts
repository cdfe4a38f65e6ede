import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { OrchError } from '../../../proto/errors.ts';
import { ownUser } from '../../../proto/own-user.ts';
import { fromHome } from '../../source/from-home.ts';
import type { Target } from '../types.ts';

/** How to reach one sshd, as OpenSSH itself would. */
export interface SshSettings {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket of the ssh-agent; undefined: none. */
  readonly identityAgent: string | undefined;
  /** New keys are added to the first. */
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hashKnownHosts: boolean;
  /** yes, ask, accept-new or no, as `ssh -G` prints it. */
  readonly strictHostKeyChecking: string;
  readonly hostKeyAlias: string | undefined;
  /** Hosts to go through, first to last: [user@]host[:port]. */
  readonly proxyJump: readonly string[];
  readonly proxyCommand: string | undefined;
  readonly connectTimeoutMs: number | undefined;
}

export type SshDestination = Pick<Target, 'address' | 'port' | 'user' | 'keyFile' | 'sshArgs'>;

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `~/.ssh/${name}`);
const answers = new Map<string, Promise<string>>();

/**
 * Asks `ssh -G` (Include, Match and defaults are OpenSSH's business), at most once a process for each destination;
 * values of the destination win. Without an ssh program: those values and OpenSSH's defaults.
 * Throws OrchError 'host-unreachable' when ssh refuses the arguments or does not answer within `timeoutMs`.
 */
export async function sshSettings(destination: SshDestination, timeoutMs: number): Promise<SshSettings> {
  const { address, port, user, keyFile, sshArgs } = destination;
  for (const value of [address, user, keyFile]) requirePlain(value);
  const args = [
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(keyFile === undefined ? [] : ['-i', keyFile]),
    ...sshArgs,
  ];
  const argv = ['-G', ...args, '--', address];
  const key = JSON.stringify(argv);
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = askSsh(argv, timeoutMs);
    answers.set(key, answer);
  }
  return parseSettings(await answer, destination);
}

/** ssh prints what it is given as it is, newlines too (before 10.1): each line would count as a setting, and one may name a program. */
function requirePlain(value = ''): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach ssh.
  if (!/[\u0000-\u001f\u007f]/.test(value)) return;
  throw new OrchError({
    code: 'host-unreachable',
    summary: `${JSON.stringify(value)} has a control character in it: nothing of a connection is called so.`,
    hint: 'Mend ansible_host, ansible_user or ansible_ssh_private_key_file.',
  });
}

function askSsh(argv: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ssh', argv, { timeout: timeoutMs, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      // ssh does nothing for a user that the system has no entry for.
      if (error.code === 'ENOENT' || /^No user exists for uid/.test(stderr)) return resolve('');
      reject(
        new OrchError({
          code: 'host-unreachable',
          summary: error.killed ? `ssh -G did not answer within ${timeoutMs} ms.` : 'ssh refuses the settings.',
          detail: stderr.trim() || error.message,
          hint: 'Mend ~/.ssh/config or ansible_ssh_common_args; `ssh -G HOST` shows the same error.',
        }),
      );
    });
  });
}

/** Reads the output of `ssh -G` (empty: no ssh here). Pure, but for the user's name and home. */
export function parseSettings(text: string, destination: SshDestination): SshSettings {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const blank = line.indexOf(' ');
    if (blank < 1) continue;
    const key = line.slice(0, blank).toLowerCase();
    const seen = values.get(key);
    if (seen) seen.push(line.slice(blank + 1).trim());
    else values.set(key, [line.slice(blank + 1).trim()]);
  }
  const first = (key: string) => values.get(key)?.[0];
  // `none` is how OpenSSH says that a value is switched off.
  const named = (key: string) => (first(key) === 'none' ? undefined : first(key));
  const hostname = first('hostname') ?? destination.address;
  const user = destination.user ?? first('user') ?? ownUser();
  const expand = (path: string) => expandPath(path, hostname, user);
  const files = (key: string, fallback: string) => separateFiles(named(key) ?? fallback).map(expand);
  const timeout = Number(named('connecttimeout'));
  const identityFiles = values.get('identityfile') ?? [
    ...(destination.keyFile === undefined ? defaultKeys : [destination.keyFile]),
  ];
  const agent = first('identityagent') ?? 'SSH_AUTH_SOCK';
  return {
    hostname,
    port: destination.port ?? Number(first('port') ?? 22),
    user,
    identityFiles: identityFiles.filter((path) => path !== 'none').map(expand),
    identitiesOnly: first('identitiesonly') === 'yes',
    identityAgent: agent === 'none' ? undefined : agent === 'SSH_AUTH_SOCK' ? process.env.SSH_AUTH_SOCK : expand(agent),
    userKnownHosts: files('userknownhostsfile', '~/.ssh/known_hosts'),
    globalKnownHosts: files('globalknownhostsfile', '/etc/ssh/ssh_known_hosts'),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    hostKeyAlias: named('hostkeyalias'),
    proxyJump: named('proxyjump')?.split(',') ?? [],
    proxyCommand: named('proxycommand'),
    connectTimeoutMs: Number.isFinite(timeout) && timeout > 0 ? timeout * 1000 : undefined,
  };
}

// ssh -G prints yes and no of this option as true and false.
function strictness(value: string | undefined): string {
  if (value === 'true') return 'yes';
  if (value === 'false' || value === 'off') return 'no';
  return value ?? 'ask';
}

// ssh -G writes names that have blanks as they are: another begins where a path begins.
function separateFiles(text: string): readonly string[] {
  return text.split(/^[~/%]/.test(text) ? / +(?=[~/%])/ : ' ').filter(Boolean);
}

// The tokens that ssh_config(5) allows in file names and that -G leaves in.
function expandPath(path: string, hostname: string, user: string): string {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    d: homedir(),
    h: hostname,
    r: user,
    u: ownUser(),
  };
  return fromHome(path.replace(/%([%dhru])/g, (_, token: string) => tokens[token] ?? ''));
}
