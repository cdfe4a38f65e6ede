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

/** File systems of devices and of other machines, as Ansible chooses them. */
function mountsIn(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', mount = '', fstype = '', options = '', dump, passno] = line.split(' ').map(unescaped);
    if (!device.startsWith('/') && !device.includes(':/')) return [];
    return [{ device, mount, fstype, options, dump: Number(dump ?? 0), passno: Number(passno ?? 0) }];
  });
}

/** ansible_mounts, with the sizes that statfs(2) tells, in bytes; a mount that does not answer in time has none. */
export async function mountFacts(
  host: Host,
  text: string,
  uuids: ReadonlyMap<string, readonly string[]>,
): Promise<readonly unknown[]> {
  const mounts = mountsIn(text).map((mount) => ({ ...mount, uuid: uuids.get(basename(mount.device))?.[0] ?? 'N/A' }));
  if (mounts.length === 0) return [];
  const argv = ['stat', '-f', '-c', '%S %b %f %a %c %d', '--', ...mounts.map(({ mount }) => mount)];
  const { stdout, status } = await host.exec({ argv }, { onlyReads: true, timeoutMs: 5_000 });
  const lines = status === 0 ? stdout.trimEnd().split('\n') : [];
  return mounts.map((mount, index) => {
    const [size = 0, total = 0, free = 0, available = 0, inodes = 0, inodesFree = 0] = (lines[index] ?? '')
      .split(' ')
      .map(Number);
    if (!lines[index]) return mount;
    return {
      ...mount,
      ...{ block_size: size, block_total: total, block_available: available, block_used: total - free },
      ...{ size_total: total * size, size_available: available * size },
      ...{ inode_total: inodes, inode_available: inodesFree, inode_used: inodes - inodesFree },
    };
  });
}
