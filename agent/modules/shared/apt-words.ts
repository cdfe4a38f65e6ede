import { lines } from './run-command.ts';

/** The part of what apt-get says that lists its changes. */
export function changesIn(stdout: string): string {
  const said = lines(stdout);
  const end = said.findIndex((line) => /^\d+ upgraded/.test(line));
  return said.slice(said.indexOf('Reading state information...') + 1, end < 0 ? undefined : end + 1).join('\n');
}

/** Ansible's words for a package that apt-get cannot find. */
export function unavailable(words: string): string | undefined {
  const [, version, name] = /^E: Version '(.*)' for '(.*)' was not found$/.exec(words) ?? [];
  if (version !== undefined) return `no available installation candidate for ${name}=${version}`;
  const [, unknown, bare] =
    /^E: (?:Unable to locate package (.*)|Package '(.*)' has no installation candidate)$/.exec(words) ?? [];
  const missing = unknown ?? bare;
  return missing === undefined ? undefined : `No package matching '${missing}' is available`;
}
