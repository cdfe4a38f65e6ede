import type { FileState, Host } from '../../../linux/host.ts';
import { folderOf, joined } from './path.ts';

/** The folder that something new at `path` comes into, or that the ones made for it do. */
export async function folderAbove(host: Host, path: string): Promise<FileState | undefined> {
  const folder = folderOf(path);
  return (await host.stat(joined(folder, '.'))) ?? (folder === '/' ? undefined : folderAbove(host, folder));
}
