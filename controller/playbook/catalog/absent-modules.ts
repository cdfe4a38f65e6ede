const packages =
  'orch installs by apt and dnf; on hosts of another kind run their own program ("command: apk add NAME" with "creates")';

/** What to write for modules that Ansible has or had, and that are not here. */
export const insteadOf: ReadonlyMap<string, string> = new Map([
  ['include', 'write "include_tasks" or "import_tasks"'],
  ...['apk', 'zypper', 'pacman'].map((name) => [name, packages] as const),
  [
    'firewalld',
    'it speaks with a daemon that Debian does not run: "nft", "nft_rule" and "iptables" set rules themselves, "command: firewall-cmd ..." asks firewalld',
  ],
  ['subversion', 'run it: "command: svn checkout URL DEST" with "creates"'],
]);

/** What Ansible says of a module that nothing has. */
export function notResolved(name: string): string {
  return `couldn't resolve module/action '${name}'. This often indicates a misspelling, missing collection, or incorrect module path.`;
}
