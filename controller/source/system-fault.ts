/** Of these no defect of orch is the reason (errno(3)): no room, a disk that fails, too many open files. */
const systemsOwn: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE']);

/**
 * What the workstation's system has against a path that a playbook gives, as where a name is too long, a file stands where a folder
 * should, or links lead in a circle, or against any file, as where the disk is full; undefined for other errors.
 */
export function systemFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node itself refuses paths with a null byte.
  const isSystems = 'path' in error || systemsOwn.has(error.code) || error.code === 'ERR_INVALID_ARG_VALUE';
  return isSystems ? error.message : undefined;
}
