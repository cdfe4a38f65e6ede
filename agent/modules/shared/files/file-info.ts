import * as z from 'zod';
import { Float } from '../../../../proto/float.ts';
import type { FileState, Host } from '../../../linux/host.ts';

export const checksumAlgorithm = z
  .enum(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])
  .default('sha1')
  .describe('How the checksum is made.');

/** Names of users and groups, each asked for once. */
export class Names {
  private readonly host: Host;
  private readonly known = new Map<string, Promise<string>>();

  constructor(host: Host) {
    this.host = host;
  }

  /** The name of a number; empty where it has none. */
  of(database: 'passwd' | 'group', id: number): Promise<string> {
    const key = `${database} ${id}`;
    const known = this.known.get(key) ?? this.look(database, id);
    this.known.set(key, known);
    return known;
  }

  private async look(database: string, id: number): Promise<string> {
    const { stdout } = await this.host.exec({ argv: ['getent', database, String(id)] }, { onlyReads: true });
    return stdout.split(':')[0]?.trim() ?? '';
  }
}

/** What stat(2) says of a file, under Ansible's names. */
export async function fileInfo(
  path: string,
  state: FileState,
  names: Names,
): Promise<Readonly<Record<string, unknown>>> {
  const { mode, uid, gid, size, special } = state;
  const [dev = 0, inode = 0] = (state.inode ?? '').split(':').map(Number);
  const may = (bit: number) => (mode & bit) !== 0;
  return {
    path,
    mode: mode.toString(8).padStart(4, '0'),
    ...{ isdir: state.kind === 'directory', isreg: state.kind === 'file', islnk: state.kind === 'symlink' },
    ...{
      ischr: special === 'character',
      isblk: special === 'block',
      isfifo: special === 'fifo',
      issock: special === 'socket',
    },
    ...{ uid, gid, size, inode, dev, nlink: state.links ?? 1 },
    ...{ atime: seconds(state.atimeMs), mtime: seconds(state.mtimeMs), ctime: seconds(state.ctimeMs) },
    ...{ pw_name: await names.of('passwd', uid), gr_name: await names.of('group', gid) },
    ...{ wusr: may(0o200), rusr: may(0o400), xusr: may(0o100) },
    ...{ wgrp: may(0o020), rgrp: may(0o040), xgrp: may(0o010) },
    ...{ woth: may(0o002), roth: may(0o004), xoth: may(0o001) },
    ...{ isuid: may(0o4000), isgid: may(0o2000) },
  };
}

/** The checksum of a file's content; undefined where it is gone. */
export async function checksumOf(host: Host, path: string, algorithm: string): Promise<string | undefined> {
  return (await host.digest(path, [algorithm]))?.sums[algorithm];
}

function seconds(milliseconds = 0): number | Float {
  return Float.of(milliseconds / 1000);
}
