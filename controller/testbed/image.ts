import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import { type PackagedNode, packagedNode } from '../packaged-node.ts';
import { cacheDir } from '../paths.ts';
import type { Release } from './plan.ts';
import type { Progress } from './progress.ts';
import { runTool } from './run-tool.ts';
import { vmInitScript, vmSystemdScript } from './scripts.ts';

const buildDeadlineMs = 900_000;

/** A kernel and a root filesystem, in the user's cache. */
export interface Image {
  readonly kernel: string;
  readonly root: string;
}

function packagesOf(release: Release): readonly string[] {
  return [
    `linux-image-cloud-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`,
    // The kernel package wants some maker of initrds; this one costs nothing, and none is used.
    'tiny-initramfs',
    ...['iproute2', 'openssh-server', 'iputils-ping', 'fping', 'nftables', 'ethtool', 'wireguard-tools', 'sudo'],
    // For labs with routing daemons.
    'bird2',
    ...['kmod', 'mount', 'passwd', 'procps'],
    // For those who compare with Ansible, which needs it on its hosts.
    'python3',
    // For Node: every Debian with apt has it.
    'libstdc++6',
    ...(release === 'trixie' && !ownNode(release) ? ['nodejs'] : []),
    ...(withSystemd() ? ['systemd-sysv'] : []),
  ];
}

/** For tests of what only systemd does; without it a host boots in a fraction of the time. */
function withSystemd(): boolean {
  return process.env.ORCH_TESTBED_SYSTEMD === '1';
}

function initScript(): string {
  return withSystemd() ? vmSystemdScript : vmInitScript;
}

/**
 * The Node that trixie's hosts have: as nodejs.org builds it, because Debian's is built without V8's snapshot and takes five
 * times as long to start. bookworm's have none: orch brings it along (Debian's own is 18, too old for the agent).
 */
function ownNode(release: Release): PackagedNode | undefined {
  return release === 'trixie' ? packagedNode(process.arch) : undefined;
}

/** Arguments of mmdebstrap, but for what is a path of this build. */
function recipe(release: Release): readonly string[] {
  return [
    '--variant=essential',
    '--skip=cleanup/reproducible',
    '--aptopt=Apt::Install-Recommends "false"',
    ...['man', 'doc', 'locale', 'info'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    `--include=${packagesOf(release).join(',')}`,
    '--customize-hook=chmod 755 "$1/usr/sbin/testbed-init"',
    ...(ownNode(release) ? ['--customize-hook=chmod 755 "$1/usr/local/bin/node"'] : []),
    '--customize-hook=chroot "$1" useradd --create-home --shell /bin/bash lab',
    '--format=tar',
    release,
  ];
}

// With a journal, in MB, so that the disk is whole after a power cut.
const filesystem = ['-q', '-t', 'ext4', '-J', 'size=8', '-m', '0', '-E', 'lazy_itable_init=0'];
const filesystemSize = '2G';

/** Where the image of this very recipe is kept: another recipe has another name. */
function imageFolder(release: Release): string {
  const { version } = ownNode(release) ?? {};
  const content = JSON.stringify([process.arch, recipe(release), version, initScript(), filesystem, filesystemSize]);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return join(cacheDir(), 'images', `${release}-${hash}`);
}

async function build(release: Release, folder: string, signal: AbortSignal): Promise<void> {
  const script = join(folder, 'testbed-init');
  const tar = join(folder, 'root.tar');
  writeFileSync(script, initScript());
  const node = ownNode(release);
  const upload = (from: string, to: string) => `--customize-hook=upload ${JSON.stringify(from)} ${to}`;
  const mmdebstrap = [
    // Before the hooks of the recipe, which make them executable.
    upload(script, '/usr/sbin/testbed-init'),
    ...(node ? [upload(node.path, '/usr/local/bin/node')] : []),
    ...recipe(release),
    tar,
  ];
  if (process.getuid?.() === 0) {
    // As root it mounts in the namespace it runs in: give it one that ends with it.
    const own = ['--mount', '--propagation', 'private', '--pid', '--mount-proc', '--fork', '--kill-child'];
    const env = { ...process.env, TMPDIR: folder };
    await runTool('unshare', [...own, 'mmdebstrap', ...mmdebstrap], { env, timeoutMs: buildDeadlineMs, signal });
  } else {
    // It works as users that may not enter this folder, so in /tmp.
    await runTool('mmdebstrap', mmdebstrap, { timeoutMs: buildDeadlineMs, signal });
  }
  const take = ['--wildcards', '--transform', 's,.*/vmlinuz-.*,vmlinuz,', './boot/vmlinuz-*'];
  await runTool('tar', ['--extract', '--file', tar, '--directory', folder, ...take], { signal });
  const mke2fs = [...filesystem, '-d', tar, join(folder, 'root.ext4'), filesystemSize];
  await runTool('mke2fs', mke2fs, {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    timeoutMs: 120_000,
    signal,
  });
  rmSync(tar);
  rmSync(script);
}

/** Where the image for a release is, once `ensureImage` made it. */
export function imageOf(release: Release): Image {
  const folder = imageFolder(release);
  return { kernel: join(folder, 'vmlinuz'), root: join(folder, 'root.ext4') };
}

/**
 * Builds the image for a release unless the cache has it: a minimal Debian of its present packages, from the network.
 * It appears whole or not at all; of two processes one builds.
 * @throws OrchError command-failed with mmdebstrap's last lines.
 */
export async function ensureImage(release: Release, progress: Progress, signal: AbortSignal): Promise<void> {
  const folder = imageFolder(release);
  if (existsSync(folder)) return;
  const images = join(cacheDir(), 'images');
  mkdirSync(images, { recursive: true });
  const waiting = () => progress.say('waiting for another orch that builds an image');
  const options = { timeoutMs: buildDeadlineMs, signal, waiting, code: 'testbed-failed' } as const;
  await withLock(join(images, 'lock'), options, async () => {
    if (existsSync(folder)) return;
    const temporary = mkdtempSync(join(images, 'new-'));
    try {
      const what = `building the image of Debian ${release} (once; it is kept in ${images})`;
      await progress.during(what, build(release, temporary, signal));
      renameSync(temporary, folder);
    } finally {
      // Killed a moment ago, a builder's last write may still come.
      rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}
