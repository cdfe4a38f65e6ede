import { constants } from 'node:fs';
import { OrchError } from '../../proto/errors.ts';
import { mayUse } from '../file-access.ts';
import type { Progress } from './progress.ts';
import { runTool } from './run-tool.ts';
import type { DriverName } from './state.ts';

interface Tool {
  /** A program to be found in PATH, or the absolute path of a file. */
  readonly needs: string;
  readonly package: string;
}

const ssh: readonly Tool[] = [
  { needs: 'ssh', package: 'openssh-client' },
  { needs: 'ip', package: 'iproute2' },
];

const arm = process.arch === 'arm64';

const toolsOf: Readonly<Record<DriverName, readonly Tool[]>> = {
  netns: [
    ...ssh,
    { needs: 'sshd', package: 'openssh-server' },
    { needs: 'fping', package: 'fping' },
    { needs: 'ping', package: 'iputils-ping' },
    { needs: 'sudo', package: 'sudo' },
    { needs: 'nft', package: 'nftables' },
    { needs: 'ethtool', package: 'ethtool' },
  ],
  qemu: [
    ...ssh,
    arm
      ? { needs: 'qemu-system-aarch64', package: 'qemu-system-arm' }
      : { needs: 'qemu-system-x86_64', package: 'qemu-system-x86' },
    { needs: 'mmdebstrap', package: 'mmdebstrap' },
    { needs: 'mke2fs', package: 'e2fsprogs' },
    // With it mke2fs makes a filesystem from a tar archive.
    { needs: `/usr/lib/${arm ? 'aarch64' : 'x86_64'}-linux-gnu/libarchive.so.13`, package: 'libarchive13t64' },
    { needs: '/usr/share/keyrings/debian-archive-keyring.gpg', package: 'debian-archive-keyring' },
  ],
};

const searchPath = () => [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

function isInstalled(tool: Tool): boolean {
  if (tool.needs.startsWith('/')) return mayUse(tool.needs, constants.R_OK);
  return searchPath().some((folder) => folder !== '' && mayUse(`${folder}/${tool.needs}`, constants.X_OK));
}

async function aptInstall(packages: readonly string[], signal: AbortSignal): Promise<void> {
  const install = () =>
    runTool('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeoutMs: 600_000,
      signal,
    });
  try {
    await install();
  } catch {
    // A machine that has never fetched the package lists, or long ago.
    signal.throwIfAborted();
    await runTool('apt-get', ['update'], { timeoutMs: 300_000, signal });
    await install();
  }
}

function toolsFor(driver: DriverName): readonly Tool[] {
  // Without root mmdebstrap works in a user namespace.
  const unprivileged = driver === 'qemu' && process.getuid?.() !== 0;
  return unprivileged ? [...toolsOf.qemu, { needs: 'newuidmap', package: 'uidmap' }] : toolsOf[driver];
}

/**
 * Sees to it that the tools a driver needs are there: as root on a system with apt it installs them, saying so.
 * @throws OrchError missing-tool with the line to run, where it cannot.
 */
export async function ensureTools(driver: DriverName, progress: Progress, signal: AbortSignal): Promise<void> {
  const packages = [
    ...new Set(
      toolsFor(driver)
        .filter((tool) => !isInstalled(tool))
        .map((tool) => tool.package),
    ),
  ];
  if (packages.length === 0) return;
  const line = `apt-get install -y ${packages.join(' ')}`;
  const apt = { needs: 'apt-get', package: 'apt' };
  if (process.getuid?.() !== 0 || !isInstalled(apt)) {
    throw new OrchError({
      code: 'missing-tool',
      summary: `The ${driver} testbed needs what is not installed here: ${packages.join(', ')}.`,
      hint: isInstalled(apt) ? `sudo ${line}` : `Install the equivalent of: ${line}`,
    });
  }
  progress.say(`installing what is missing: ${line}`);
  await aptInstall(packages, signal);
}
