import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';

export type Facts = Record<string, unknown>;

const limit = 4 * 1024 * 1024;

/** Undefined where the kernel refuses to tell: files of /sys and /proc may be there and not to be read. */
export async function unlessRefused<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}

/** A text of one line, such as those of /sys; undefined where there is none. */
export async function readLine(host: Host, path: string): Promise<string | undefined> {
  return (await unlessRefused(host.readFile(path, limit)))?.toString('utf8').trim();
}

/** A file's text; empty where there is none. */
export async function readText(host: Host, path: string): Promise<string> {
  return (await unlessRefused(host.readFile(path, limit)))?.toString('utf8') ?? '';
}

const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** "256.00 GB", as Ansible writes sizes. */
export function sizeText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`;
}
