import type { Host } from '../../../linux/host.ts';
import { unescaped } from '../mount/fstab.ts';
import { uuidOf, uuidsOf } from './devices.ts';
import { readText } from './read.ts';

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
  const all = text.split('\n').flatMap((line) => mountOf(line) ?? []);
  // What is mounted over another one hides it.
  return [...new Map(all.filter(isChosen).map((mount) => [mount.mount, mount])).values()];
}

/** Sizes of the file system at a mount point, in bytes, as Ansible names them. */
export type MountSizes = Readonly<Record<string, number>>;

function sizesIn(line: string): readonly [mountPoint: string, sizes: MountSizes] {
  const [, numbers = '', mountPoint = ''] = /^((?:\S+ ){5})(.*)$/.exec(line) ?? [];
  const [size = 0, total = 0, available = 0, inodes = 0, inodesFree = 0] = numbers.split(' ').map(Number);
  return [
    mountPoint,
    {
      ...{ block_size: size, block_total: total, block_available: available, block_used: total - available },
      ...{ size_total: total * size, size_available: available * size },
      ...{ inode_total: inodes, inode_available: inodesFree, inode_used: inodes - inodesFree },
    },
  ];
}

/** What statfs(2) tells of mount points; nothing of one that is not there, or of what is behind one that is late. */
export async function sizesOf(
  host: Host,
  mountPoints: readonly string[],
  timeoutMs: number,
): Promise<{ readonly sizes: ReadonlyMap<string, MountSizes>; readonly late: boolean }> {
  if (mountPoints.length === 0) return { sizes: new Map(), late: false };
  const argv = ['stat', '-f', '-c', '%S %b %a %c %d %n', '--', ...mountPoints];
  const { stdout, timedOut } = await host.exec({ argv }, { onlyReads: true, timeoutMs });
  // The line that it was ended in may be no more than half.
  const whole = timedOut ? stdout.slice(0, stdout.lastIndexOf('\n') + 1) : stdout;
  return { sizes: new Map(whole.trimEnd().split('\n').map(sizesIn)), late: timedOut };
}

/** Mount points of folders of file systems, by mountinfo (proc(5)). */
function bindsIn(mountinfo: string): ReadonlySet<string> {
  const fields = mountinfo.split('\n').map((line) => line.split(' '));
  return new Set(fields.flatMap(([, , , root = '/', point = '']) => (root === '/' ? [] : [unescaped(point)])));
}

/** ansible_mounts, with their sizes. */
export async function mountFacts(host: Host): Promise<readonly unknown[]> {
  const mounts = mountsIn(await readText(host, '/proc/mounts'));
  const binds = bindsIn(await readText(host, '/proc/self/mountinfo'));
  const uuids = await uuidsOf(host);
  // A server that is late takes no more along than what is of servers.
  const isAfar = ({ device }: Mount) => device.includes(':/');
  const groups = [mounts.filter((mount) => !isAfar(mount)), mounts.filter(isAfar)];
  const told = groups.map((group) =>
    sizesOf(
      host,
      group.map(({ mount }) => mount),
      5_000,
    ),
  );
  const sizes = new Map((await Promise.all(told)).flatMap((each) => [...each.sizes]));
  return Promise.all(
    mounts.map(async (mount) => ({
      ...mount,
      options: binds.has(mount.mount) ? `${mount.options},bind` : mount.options,
      uuid: (await uuidOf(host, mount.device, uuids)) ?? 'N/A',
      ...sizes.get(mount.mount),
    })),
  );
}
