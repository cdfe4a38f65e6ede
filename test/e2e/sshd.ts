import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

export interface TestSshd {
  readonly port: number;
  readonly folder: string;
  /** A user's key that it accepts for root. */
  readonly key: string;
  /** known_hosts that knows it. */
  readonly knownHosts: string;
  stop(): void;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * An sshd of its own on loopback, in a mount namespace of its own, with keys and configuration in a temporary folder.
 * `prepare` is run there before it (sh, as root); `config` is added to sshd_config.
 */
export async function startSshd(config: readonly string[] = [], prepare = ''): Promise<TestSshd> {
  const folder = mkdtempSync('/tmp/orch-sshd-');
  const port = await freePort();
  const keygen = (path: string) => execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  const key = join(folder, 'id');
  keygen(key);
  keygen(join(folder, 'host'));
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`);
  const lines = [
    // The first value of an option is the one that holds.
    ...config,
    ...['ListenAddress 127.0.0.1', `Port ${port}`, `HostKey ${folder}/host`, `PidFile ${folder}/pid`],
    ...[`AuthorizedKeysFile ${folder}/id.pub`, 'StrictModes no', 'PermitRootLogin yes', 'UsePAM no'],
    ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
  ];
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
  execFileSync('mkdir', ['-p', '/run/sshd']);
  execFileSync('chmod', ['755', folder]);
  const script = `${prepare}\nexec /usr/sbin/sshd -D -e -f "$1"`;
  const child = spawn('unshare', ['-m', 'sh', '-ec', script, 'sh', join(folder, 'config')], { stdio: 'ignore' });
  for (let look = 0; !(await answers(port)); look += 1) {
    if (look > 100 || child.exitCode !== null) throw new Error('sshd did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = () => {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, folder, key, knownHosts, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
