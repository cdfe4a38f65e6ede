import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runTool } from './run-tool.ts';
import { bootScript, sshdConfig } from './scripts.ts';
import { files, type TestbedHost, testbedDir } from './state.ts';

export function newPassword(): string {
  return randomBytes(12).toString('base64url');
}

async function makeKey(file: string, comment: string, signal: AbortSignal): Promise<void> {
  await runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file], { signal });
}

/** Makes the key that orch logs in with. */
export async function makeClientKey(signal: AbortSignal): Promise<void> {
  await makeKey(files.clientKey(), 'orch-testbed', signal);
}

/**
 * Packs what makes a host itself, below /etc/testbed: name, address, keys and boot script, as a tar archive that the
 * host unpacks when it starts.
 * @returns its line for known_hosts.
 */
export async function makeSeed(
  host: TestbedHost,
  all: readonly TestbedHost[],
  labPassword: string,
  signal: AbortSignal,
): Promise<string> {
  const folder = mkdtempSync(join(testbedDir(), 'seed-'));
  const put = (path: string, text: string, mode: number) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  try {
    chmodSync(folder, 0o755);
    put('etc/testbed/host', `NAME=${host.name}\nADDRESS=${host.address}\nLAB_PASSWORD=${labPassword}\n`, 0o600);
    put('etc/testbed/boot', bootScript, 0o755);
    put('etc/testbed/sshd_config', sshdConfig, 0o644);
    put('etc/testbed/authorized_keys', readFileSync(`${files.clientKey()}.pub`, 'utf8'), 0o644);
    put('etc/hostname', `${host.name}\n`, 0o644);
    put('etc/hosts', ['127.0.0.1 localhost', ...all.map((h) => `${h.address} ${h.name}`), ''].join('\n'), 0o644);

    put('etc/sudoers.d/lab', 'lab ALL=(ALL:ALL) ALL\n', 0o440);
    const key = join(folder, 'etc/testbed/ssh_host_ed25519_key');
    await makeKey(key, host.name, signal);
    await runTool(
      'tar',
      [
        '--create',
        '--file',
        files.seed(host.name),
        '--directory',
        folder,
        '--owner=0',
        '--group=0',
        '--numeric-owner',
        '.',
      ],
      { signal },
    );
    chmodSync(files.seed(host.name), 0o600);
    const [type, base64] = readFileSync(`${key}.pub`, 'utf8').split(' ');
    return `[127.0.0.1]:${host.sshPort} ${type} ${base64}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
