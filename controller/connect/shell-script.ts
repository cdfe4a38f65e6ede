import { shellBanner } from './answered-sudo.ts';
import { becomePrompt } from './bootstrap/bootstrap-script.ts';

/**
 * What starts a person's shell: constant text, its data as arguments in base64 (`x` before each, so that none is empty): netns,
 * user (empty: root), label of the prompt; then what it says at its beginning. POSIX sh with coreutils; neither a single quote nor
 * a double backslash, as the bootstrap script, so that it stands in single quotes for any login shell.
 */
const script = String.raw`
value() { printf %s "\${1#x}" | base64 -d; }
printf %s "$4"
netns=$(value "$1") user=$(value "$2") label=$(value "$3")
[ -n "$user" ] || user=root
entry=$(getent passwd "$user" || grep "^$user:" /etc/passwd) || { echo "orch: there is no user $user here" >&2; exit 255; }
IFS=: read -r name skip uid gid skip home shell <<END
$entry
END
[ -x "$shell" ] || shell=/bin/sh
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
case "$shell" in
# bash sets its prompt by its own files; this is run after them, once.
*/bash) PROMPT_COMMAND="PS1=\"($label) \$PS1\"; unset PROMPT_COMMAND"; export PROMPT_COMMAND ;;
*) PS1="($label) $ "; export PS1 ;;
esac
HOME=$home USER=$user LOGNAME=$user SHELL=$shell
export PATH HOME USER LOGNAME SHELL
cd "$home" 2>/dev/null || cd /
set -- "$shell" -l
[ "$(id -u)" = "$uid" ] || set -- setpriv "--reuid=$uid" "--regid=$gid" --init-groups -- "$@"
if [ -n "$netns" ]; then
  [ -e "/run/netns/$netns" ] || { echo "orch: there is no network namespace $netns; there are:" $(ls /run/netns 2>/dev/null) >&2; exit 255; }
  set -- ip netns exec "$netns" "$@"
fi
exec "$@"
`.replaceAll('\\$', '$');

// Only another's shell, or another namespace, needs root.
const start = String.raw`
value() { printf %s "\${1#x}" | base64 -d; }
if [ "$(id -u)" = 0 ] || { [ "$2" = x ] && [ "$(value "$3")" = "$(id -un)" ]; }; then exec sh -c "$1" orch "$2" "$3" "$4" "$6"; fi
exec sudo -p "$5" sh -c "$1" orch "$2" "$3" "$4" "$6"
`.replaceAll('\\$', '$');

export interface ShellPlace {
  readonly netns: string | undefined;
  /** Empty: root. */
  readonly user: string;
  /** What the prompt begins with. */
  readonly label: string;
}

/** The command line of a shell, for any login shell. `answered`: sudo asks orch, not a person. */
export function shellCommand({ netns, user, label }: ShellPlace, answered: boolean): string {
  // bash expands what stands in a prompt.
  const safe = label.replace(/[^\w.:/@-]/g, '?');
  const values = [netns ?? '', user, safe].map((text) => `x${Buffer.from(text).toString('base64')}`);
  const prompt = answered ? becomePrompt : 'orch: password for sudo: ';
  return `sh -c '${start}' orch '${script}' ${values.join(' ')} '${prompt}' '${answered ? shellBanner : ''}'`;
}
