import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';

/** What is really started. */
export interface Program {
  readonly argv: readonly string[];
  /** What changes namespace and user before it becomes `argv`. */
  readonly prefix?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly stdin?: string | undefined;
}

/** What spawn is given. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly argv0: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Looks up what a program needs. Throws OrchError when the program or its folder is not there. */
export function launchOf(program: Program): Launch {
  const cwd = program.cwd ?? '/';
  const env = program.env ?? process.env;
  const [name = ''] = program.argv;
  if (!isFolder(cwd)) throw cannotStart(name, `there is no folder ${cwd}`);
  const path = findProgram(name, cwd, env.PATH);
  if (path === undefined) throw notRunnable(name, cwd);
  const [first = '', ...args] = [...(program.prefix ?? []), ...program.argv];
  const command = first === name ? path : findProgram(first, cwd, process.env.PATH);
  if (command === undefined) throw cannotStart(first, 'no such program');
  return { command, args, argv0: first, cwd, env };
}

/** Whether a program is in the agent's PATH. */
export function hasProgram(name: string): boolean {
  return findProgram(name, '/', process.env.PATH) !== undefined;
}

/** Absolute path of a program, looked up as execvp(3) does. */
function findProgram(name: string, cwd: string, path: string | undefined): string | undefined {
  if (name.includes('/')) return runnable(resolve(cwd, name));
  for (const folder of (path ?? '/usr/bin:/bin').split(delimiter)) {
    const found = isAbsolute(folder) && name !== '' ? runnable(join(folder, name)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function runnable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** For a name that means no program: what it means may be a file that is not to be run. */
function notRunnable(name: string, cwd: string): OrchError {
  const isThere = name.includes('/') && statSync(resolve(cwd, name), { throwIfNoEntry: false }) !== undefined;
  const { ENOENT, EACCES } = system.errno;
  return isThere ? cannotStart(name, 'permission denied', EACCES) : cannotStart(name, 'no such program', ENOENT);
}

/** Programs that the agent and its modules need, and the packages that bring them. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  tc: 'iproute2',
  bridge: 'iproute2',
  nft: 'nftables',
  ethtool: 'ethtool',
  wg: 'wireguard-tools',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  getent: 'libc-bin',
  perl: 'perl-base',
};

/** For a program that is not there or not to be started; those that orch itself needs say what to install. `rc`: the system's error. */
export function cannotStart(name: string, reason: string, rc?: number): OrchError {
  const from = packages[name];
  if (from !== undefined) {
    return new OrchError({
      code: 'unsupported-by-host',
      summary: `The host has no ${name} command.`,
      hint: `Install ${from} on it (apt-get install ${from}, or its like).`,
    });
  }
  const result = rc === undefined ? undefined : { rc };
  return new OrchError({
    code: 'command-failed',
    summary: `${JSON.stringify(name)} could not be started: ${reason}.`,
    result,
  });
}
