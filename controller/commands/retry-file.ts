import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Settings } from '../config/settings.ts';
import type { RunReport } from '../report/types.ts';

/**
 * Writes the hosts that a run failed on, or did not reach, where the settings ask for it (`retry_files_enabled`): a line each,
 * for `--limit @FILE`. Gives what is said of that; undefined: there is no such host, or nobody asked.
 */
export function writeRetryFile(
  playbook: string,
  { hosts }: Pick<RunReport, 'hosts'>,
  { retryFilesEnabled, retryFilesSavePath }: Pick<Settings, 'retryFilesEnabled' | 'retryFilesSavePath'>,
): string | undefined {
  if (!retryFilesEnabled) return undefined;
  const names = Object.keys(hosts).filter((name) => (hosts[name]?.failed ?? 0) + (hosts[name]?.unreachable ?? 0) > 0);
  if (names.length === 0) return undefined;
  const folder = retryFilesSavePath ?? dirname(resolve(playbook));
  const file = join(folder, `${basename(playbook, extname(playbook))}.retry`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      file,
      names
        .toSorted()
        .map((name) => `${name}\n`)
        .join(''),
    );
  } catch (error) {
    return `could not write ${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
  return `to retry, use: --limit @${file}`;
}
