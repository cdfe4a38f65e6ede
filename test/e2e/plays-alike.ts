/*
 * What a run registered, without what can't be the same twice, and without what docs/ansible.md ("Results") says that orch does
 * not tell as Ansible does.
 */

/** Keys whose values differ from run to run: times, inodes, temporary names. */
const passing: ReadonlySet<string> = new Set([
  ...['start', 'end', 'delta', 'atime', 'mtime', 'ctime', 'inode', 'dev', 'version', 'elapsed', 'src', 'backup_file'],
  ...['cache_update_time', 'checksum_src', 'date', 'expires', 'last_modified'],
]);

/** Keys that one of both leaves out. */
const untold: ReadonlySet<string> = new Set([
  ...['failed', 'invocation', 'diff', 'warnings', 'deprecations', 'exception', 'failed_when_suppressed_exception'],
  ...['owner', 'group', 'md5sum', 'block_size', 'blocks', 'device_type', 'status'],
]);

/** In texts: names of temporary files, fingerprints of keys that a run makes, times, and what the kernel numbers. */
const random =
  /ansible\.\w{8}|SHA256:[\w+/]+|\b[\d./]+ ?m?s\b|\([\d.]+ k?B\/s\)|"(?:ifindex|link_index|link_netnsid)":\d+|(?:[\da-f]{2}:){5}[\da-f]{2}/g;

/** A value of results that can be held against another program's. */
export function alike(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(random, '...');
  if (Array.isArray(value)) return value.map(alike);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (passing.has(key) || untold.has(key) || (key === 'size' && isDrawn(value))) return [];
      return [[key, key === 'files' ? inOrder(alike(item)) : alike(item)]];
    }),
  );
}

/** A file that a run draws: keys of RSA differ by some bytes in length. */
function isDrawn(file: object): boolean {
  return 'path' in file && typeof file.path === 'string' && file.path.endsWith('.key');
}

/** Files that were found: Ansible tells them as the file system does. */
function inOrder(files: unknown): unknown {
  if (!Array.isArray(files)) return files;
  const pathOf = (file: unknown) => JSON.stringify((file as { readonly path?: unknown } | null)?.path ?? file);
  return files.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}
