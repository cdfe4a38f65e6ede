/**
 * What the workstation's system has against a path that a playbook gives, as where a name is too long, a file stands where a folder
 * should, or links lead in a circle; undefined for other errors.
 */
export function systemFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node itself refuses paths with a null byte.
  return 'path' in error || error.code === 'ERR_INVALID_ARG_VALUE' ? error.message : undefined;
}
