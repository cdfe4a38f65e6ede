import { spawn } from 'node:child_process';
import { namedHost } from './named-host.ts';
import { patienceSeconds } from './plan.ts';
import { files } from './state.ts';

/**
 * Runs ssh(1) to a host, as root, on this terminal. As ssh does it: the words of a command are joined by blanks, and
 * the host's shell reads them.
 * @returns ssh's exit code: the command's, or 255.
 * @throws OrchError when no testbed is up, or it has no such host.
 */
export function login(name: unknown, command: readonly string[]): Promise<number> {
  const { state, host } = namedHost(name);
  const settings = [
    `UserKnownHostsFile="${files.knownHosts()}"`,
    'IdentitiesOnly=yes',
    `ConnectTimeout=${patienceSeconds[state.driver] ?? 10}`,
    'LogLevel=ERROR',
  ].flatMap((setting) => ['-o', setting]);
  const where = ['-F', 'none', '-i', files.clientKey(), '-p', String(host.sshPort)];
  const child = spawn('ssh', [...where, ...settings, 'root@127.0.0.1', '--', ...command], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 255));
  });
}
