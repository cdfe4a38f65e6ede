import { basename } from 'node:path/posix';
import type { Host } from '../../../linux/host.ts';
import { unescaped } from '../mount/fstab.ts';

interface Mount {
  readonly device: string;
  readonly mount: string;
  readonly fstype: string;
  readonly options: string;
  readonly dump: number;
  readonly passno: number;
}

/** A line of fstab(5) or /proc/mounts; undefined for a comment and for what is no line of these. */
export function mountOf(line: string): Mount | undefined {
  const fields = line.trim().split(/[ \t]+/);
  if (fields[0]?.startsWith('#') || fields.length < 4) return undefined;
  const [device = '', mount = '', fstype = '', options = '', dump = '0', passno = '0'] = fields.map(unescaped);
  return { device, mount, fstype, options, dump: Number(dump), passno: Number(passno) };
}

/** File systems of devices and of other machines, as Ansible chooses them. */
function mountsIn(text: string): readonly Mount[] {
  const isChosen = ({ device }: Mount) => device.startsWith('/') || device.includes(':/');
  return text
    .split('\n')
    .flatMap((line) => mountOf(line) ?? [])
    .filter(isChosen);
}

/** Sizes of the file system at a mount point, in bytes, as Ansible names them. */
export type MountSizes = Readonly<Record<string, number>>;

function sizesIn(line: string): MountSizes {
  const [size = 0, total = 0, available = 0, inodes = 0, inodesFree = 0] = line.split(' ').map(Number);
  return {
    ...{ block_size: size, block_total: total, block_available: available, block_used: total - available },
    ...{ size_total: total * size, size_available: available * size },
    ...{ inode_total: inodes, inode_available: inodesFree, inode_used: inodes - inodesFree },
  };
}

/** What statfs(2) tells of mount points, in their order; nothing where one is not there, or is late. */
export async function sizesOf(
  host: Host,
  mountPoints: readonly string[],
  timeoutMs: number,
): Promise<{ readonly sizes: readonly MountSizes[]; readonly late: boolean }> {
  if (mountPoints.length === 0) return { sizes: [], late: false };
  const argv = ['stat', '-f', '-c', '%S %b %a %c %d', '--', ...mountPoints];
  const { stdout, status, timedOut } = await host.exec({ argv }, { onlyReads: true, timeoutMs });
  return { sizes: status === 0 ? stdout.trimEnd().split('\n').map(sizesIn) : [], late: timedOut };
}

/** ansible_mounts, with their sizes; none has any where one does not answer in time. */
export async function mountFacts(
  host: Host,
  text: string,
  uuids: ReadonlyMap<string, readonly string[]>,
): Promise<readonly unknown[]> {
  const mounts = mountsIn(text).map((mount) => ({ ...mount, uuid: uuids.get(basename(mount.device))?.[0] ?? 'N/A' }));
  const points = mounts.map(({ mount }) => mount);
  const { sizes } = await sizesOf(host, points, 5_000);
  return mounts.map((mount, index) => ({ ...mount, ...sizes[index] }));
}
