/** A host's name as that of a file or folder. It may come from what another host said (add_host), and must not lead out of the folder. */
export function hostFileName(host: string): string {
  return host.replaceAll('/', '_').replace(/^\.\.?$/, '_');
}
