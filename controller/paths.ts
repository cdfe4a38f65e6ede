import { constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { mayUse } from './file-access.ts';

/** Things that can be made again: kernels, images, Node runtimes. */
export function cacheDir(): string {
  return join(baseDir('XDG_CACHE_HOME', '.cache'), 'orch');
}

/** Things this workstation must keep, private (0700): its CA, agents it knows, the testbed that is up. */
export function stateDir(): string {
  return join(baseDir('XDG_STATE_HOME', '.local/state'), 'orch');
}

/** A path that is not from the root on says nothing (XDG Base Directory Specification). */
function baseDir(variable: string, inHome: string): string {
  const said = process.env[variable] ?? '';
  return isAbsolute(said) ? said : join(homedir(), inHome);
}

/** Records of past runs: in the working directory, or with the other state where this user may not write there. */
export function runsDir(): string {
  const own = join(process.cwd(), '.orch');
  return join(mayUse(existsSync(own) ? own : process.cwd(), constants.W_OK) ? own : stateDir(), 'runs');
}

/** A path as a person writes it: with `~` and `$NAME`, as Ansible's options and settings have them. */
export function expandedPath(
  written: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  home = homedir(),
): string {
  return written
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, a: string | undefined, b: string) => env[a ?? b] ?? whole)
    .replace(/^~(?=\/|$)/, () => home);
}

/** The Python of this workstation, as Ansible tells it. */
export const workstationPython = '/usr/bin/python3';
