import type { Host } from '../../../linux/host.ts';
import { fitsGlob } from '../glob.ts';
import { joined } from './path.ts';

/** True for a path that may stand for several: shell patterns with * and ?, as glob(7). */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/** True for what Python's glob takes for a pattern: brackets, too. */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/** What is there under a pattern, in the order of names; a path without a pattern as it is. */
export async function expanded(host: Host, path: string): Promise<readonly string[]> {
  return isGlob(path) ? fitting(host, path) : [path];
}

/** What is there under a pattern, in the order of names. */
export async function fitting(host: Host, path: string): Promise<readonly string[]> {
  let found: readonly string[] = ['/'];
  for (const part of path.split('/').filter((name) => name !== '')) {
    const next = await Promise.all(found.map((folder) => within(host, folder, part)));
    found = next.flat();
  }
  return found;
}

async function within(host: Host, folder: string, part: string): Promise<readonly string[]> {
  if (!isPattern(part)) return (await host.stat(joined(folder, part))) === undefined ? [] : [joined(folder, part)];
  const names = (await host.readDir(folder)) ?? [];
  const fits = (name: string) => name.startsWith('.') === part.startsWith('.') && fitsGlob(part, name);
  return names.filter(fits).map((name) => joined(folder, name));
}
