import { homedir } from 'node:os';
import { join } from 'node:path';

/** Things that can be made again: kernels, images, Node runtimes. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'orch');
}

/** Things this workstation must keep, private (0700): its CA, agents it knows, the testbed that is up. */
export function stateDir(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'orch');
}

/** Records of past runs, in the working directory. */
export function runsDir(): string {
  return join(process.cwd(), '.orch', 'runs');
}
