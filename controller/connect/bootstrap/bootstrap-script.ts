import { nodeOptions } from '../agent-paths.ts';

/**
 * What runs on a host: constant text. Data and decisions come as lines and counted bytes on stdin, and are never part
 * of a command's text. POSIX sh with coreutils or busybox, gzip and util-linux. It holds neither a single quote nor a
 * double backslash, so that it stands in single quotes for any login shell (sh, bash, zsh, fish).
 *
 * stdout first: `orch-bootstrap 1` (nothing may be sent before: sudo would take it for a password). stdin: state
 * folder, run folder, bundle hash, and `look` (nothing is touched) or `change`. stdout: `waiting` while another bootstrap
 * is under way, facts (`key value`), `end`.
 * Then verbs, each answered by one line (`done` or `agent JSON`), or by `fail WHAT` and the end:
 *   files SIZE COUNT             then COUNT lines BYTES SHA256 MODE PATH, then SIZE bytes of gzip, of the files one behind the
 *                                other: puts each as STATE/PATH, whole or not at all, in their order, power cuts included
 *   reload                       makes the agent that runs read its TLS files again
 *   wait TENTHS                  waits until the agent that ran has ended
 *   stop TENTHS                  ends the agent that runs, whatever it does
 *   start NODE PORT SECONDS      starts the agent and waits until it serves
 *   unit                         makes STATE/orch-agent.service a systemd service
 *   prune NODE                   drops all bundles but this and the one before, and all runtimes but NODE
 *   leave                        lets other bootstraps begin; not answered
 *   remove                       takes every trace away
 * On a host with a Node and nothing of orch, agent/first-start.ts goes on from `change`, and knows `files` and `start`.
 */
const script = String.raw`
umask 077
newline="
"
say() { printf "%s\n" "$*"; }
fail() { say "fail $*"; exit 1; }
one() { head -c 16384 "$1" 2>/dev/null | base64 | tr -d "\n"; }
units=/etc/systemd/system
unit=$units/orch-agent.service
printf "\norch-bootstrap 1\n"
IFS= read -r state && IFS= read -r run && IFS= read -r bundle && IFS= read -r mode || exit 1

alive() {
  served= pid=
  [ -s "$run/agent.json" ] && read -r served <"$run/agent.json"
  case "$served" in
  *\"pid\":[1-9]*)
    pid=\${served#*\"pid\":}
    pid=\${pid%%[!0-9]*}
    { tr "\0" " " <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q "agent\.cjs serve"
    ;;
  *) return 1 ;;
  esac
}
ended() {
  waited=0
  while { tr "\0" " " <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q "agent\.cjs serve"; do
    [ "$waited" -ge "$1" ] && return 1
    waited=$((waited + 1))
    sleep 0.1
  done
}
stop() {
  [ -n "$pid" ] || return 0
  [ -e "$unit" ] && systemctl stop --no-block orch-agent.service
  kill -TERM "$pid" 2>/dev/null
  ended "$1" || { kill -KILL "$pid" 2>/dev/null; ended 20; }
}

log="$state/agent.log"
from=0 child= said=
# What to answer once an agent was started.
started() {
  if ! { { [ "$said" = serving ] && read -r served <"$run/agent.json"; } || alive; }; then
    [ -n "$child" ] && kill "$child" 2>/dev/null
    tail -c +$((from + 1)) "$log" | tail -n 20 >&2
    [ -e "$unit" ] && systemctl status --no-pager -n 10 orch-agent.service >&2
    fail start
  fi
  say "agent $served"
}

if [ "$mode" = change ]; then
  mkdir -p "$state/agent" "$state/node" "$state/tls" || fail folder
  : >>"$state/bootstrap.lock" || fail folder
  exec 9>>"$state/bootstrap.lock"
  waited=0
  until flock -n 9; do
    [ "$waited" -ge 300 ] && fail lock
    waited=$((waited + 1))
    say waiting
    sleep 0.2
  done
  for file in "$state"/put.* "$state"/ready.*; do [ -e "$file" ] && rm -rf "$file"; done
fi

# Nothing of orch is here, and a Node: that goes on, and becomes the agent. It says nothing if it is too old.
if [ -n "$2" ] && command -v node >/dev/null; then
  new=1
  for file in "$state"/agent/* "$state"/tls/* "$run/agent.json" "$unit"; do [ -e "$file" ] && new=; done
  if [ -n "$new" ]; then
    exec 7<&0 8>&1
    said=$(setsid node ${nodeOptions.join(' ')} -e "$2" "$state" "$run" "$bundle" "$1" <&7 3>&8 7<&- 8>&- 9>&- &)
    exec 7<&- 8>&-
    case "$said" in
    *failed) exit 1 ;;
    begun*) said=\${said#begun"$newline"}; exec 9>&-; started; while read -r verb; do :; done; exit ;;
    esac
  fi
fi

[ -n "$1" ] && say "way $1"
system=$(uname -sm)
say "os \${system% *}"
say "arch \${system##* }"
libc=other
for file in /lib*/ld-linux*; do [ -e "$file" ] && libc=glibc; done
for file in /lib/ld-musl*; do [ -e "$file" ] && libc=musl; done
say "libc $libc"
[ "$libc" = glibc ] && say "glibc $(getconf GNU_LIBC_VERSION 2>/dev/null)"
node=$(command -v node) && say "node $(node --version 2>/dev/null) $node"
for file in "$state"/node/*/node; do
  [ -x "$file" ] && { dir=\${file%/node}; say "runtime \${dir##*/}"; }
done
[ -f "$state/agent/$bundle/agent.cjs" ] && say bundle present
for dir in "$state"/agent/*; do [ -d "$dir" ] && say "agents present" && break; done
say "clock $(date +%s)"
say "free $(df -Pk "$state" | { read -r skip; read -r skip skip skip free skip; printf %s "$free"; })"
[ -f "$state/tls/agent.pem" ] && say "certificate $(one "$state/tls/agent.pem")"
[ -f "$state/tls/ca.pem" ] && say "trust $(one "$state/tls/ca.pem")"
[ -d /run/systemd/system ] && say systemd present
[ -e "$unit" ] && say service present
if alive; then say "agent $served"; else pid=; fi
say end

while read -r verb a b c d; do
  case "$verb" in
  files)
    put="$state/put.$$"
    trap "rm -rf $put" EXIT
    names= last= dirs= sizes= sums=
    while [ "$b" -gt 0 ] && read -r bytes sum mode path; do
      b=$((b - 1))
      last="$path"
      names="$names $path"
      case "$path" in */*) dirs="$dirs $put/\${path%/*}" ;; esac
      sizes="$sizes$bytes $mode $path$newline"
      sums="$sums$sum  $path$newline"
    done
    said=$(mkdir -p "$put" $dirs 2>&1) || { say "\${said%%"$newline"*}" >&2; fail file; }
    printf %s "$sizes" >"$put/.sizes" && printf %s "$sums" >"$put/.sums" || fail file
    dd bs="$a" count=1 iflag=fullblock 2>/dev/null | gzip -dc | {
      while read -r bytes mode path <&3; do
        # The last may be larger than memory. dd counts on stderr, which matters only if it failed.
        if [ "$path" = "$last" ]; then cat >"$put/$path" || exit 1
        else said=$(dd bs="$bytes" count=1 iflag=fullblock 2>&1 >"$put/$path") || { say "$said" >&2; exit 1; }
        fi
        [ "$mode" = 600 ] || chmod "$mode" "$put/$path" || exit 1
      done 3<"$put/.sizes"
    } || fail file
    cd "$put" || fail file
    sha256sum -c .sums >/dev/null 2>&1 || fail hash
    # Else a power cut soon after leaves an empty file under the final name.
    sync $names || fail file
    from= to=
    for path in $names /; do
      dir=.
      case "$path" in */*) dir="\${path%/*}" ;; esac
      if [ "$dir" != "$to" ]; then
        [ -z "$from" ] || mv -f $from "$state/$to/" || fail file
        [ -d "$state/$dir" ] || mkdir -p "$state/$dir" || fail "file $path"
        from= to="$dir"
      fi
      from="$from $path"
    done
    cd /
    rm -rf "$put"
    trap - EXIT
    say done
    ;;
  reload) kill -HUP "$pid" && sleep 0.1 && say done || fail reload ;;
  wait) ended "$a" && say done || fail busy ;;
  stop) stop "$a" && say done || fail busy ;;
  start)
    touch "$state/agent/$bundle"
    from=0
    [ -s "$log" ] && from=$(wc -c <"$log")
    [ "$from" -gt 1000000 ] && mv -f "$log" "$log.1" && from=0
    : >>"$log" || fail start
    [ -e "$run/agent.json" ] && rm -f "$run/agent.json"
    child= said=
    if [ -e "$unit" ]; then
      systemctl restart orch-agent.service 9>&- || fail start
      waited=0
      until alive || [ "$waited" -ge "$c" ]; do
        waited=$((waited + 1))
        sleep 1
      done
    else
      # It says one line, or ends: to look again and again would take time from it on a slow host.
      ready="$state/ready.$$"
      mkfifo "$ready" || fail start
      setsid "$a" ${nodeOptions.join(' ')} "$state/agent/$bundle/agent.cjs" serve --state "$state" --run "$run" --port "$b" \
        </dev/null >"$ready" 2>>"$log" 9>&- &
      child=$!
      said=$(timeout "$c" head -n 1 <"$ready")
      rm -f "$ready"
    fi
    started
    ;;
  unit)
    [ -d /run/systemd/system ] || fail systemd
    cp "$state/orch-agent.service" "$unit" && chmod 644 "$unit" || fail unit
    systemctl daemon-reload && systemctl enable --quiet orch-agent.service || fail unit
    say done
    ;;
  prune)
    kept=0
    ls -t "$state/agent" | while read -r name; do
      [ "$name" = "$bundle" ] && continue
      kept=$((kept + 1))
      [ "$kept" -gt 1 ] && rm -rf "$state/agent/$name"
    done
    for dir in "$state"/node/*; do [ "$dir/node" = "$a" ] || rm -rf "$dir"; done
    say done
    ;;
  remove)
    if [ -e "$unit" ]; then
      systemctl disable --now --quiet orch-agent.service
      rm -f "$unit"
      systemctl daemon-reload
    fi
    rm -f "$units/orch-boot.service" "$units/multi-user.target.wants/orch-boot.service"
    stop 50 || fail busy
    # A folder that is a mount point stays, empty.
    for dir in "$run" "$state"; do
      rm -rf "$dir" 2>/dev/null || [ -z "$(ls -A "$dir")" ] || fail remove
    done
    say done
    exit 0
    ;;
  leave) exec 9>&- ;;
  *) fail verb ;;
  esac
done
`.replaceAll('\\$', '$');

/** sudo writes it to stderr when it wants the password: said twice, the first answer was wrong. */
export const becomePrompt = 'orch-become-password:';

// Every banner begins a line of its own, whatever login files have printed before.

/** Said before sudo takes over: if nothing follows, sudo refused. */
export const becoming = 'orch-become';

// sudo without -n asks only when it must; root needs no sudo at all, and the first process is nearly always root's: to ask `id`
// would start a program. sudo would drop what sshd says of the connection.
const asRoot = `if [ -O /proc/1 ] || [ "$(id -u)" = 0 ]; then script="$1"; set -- "$SSH_CONNECTION" "$2"; eval "$script"; exit; fi; printf "\\n${becoming}\\n"; exec sudo -S -p "${becomePrompt}" sh -c "$1" orch "$SSH_CONNECTION" "$2"`;

export const bootstrapBanner = 'orch-bootstrap 1';

/**
 * The command line that runs the bootstrap as root, for any login shell. `firstStart`: text for `node -e`, which goes on with it
 * where there is nothing of orch yet; as free of quotes as the script. Empty: the script does all.
 */
export function bootstrapCommand(firstStart: string): string {
  return `sh -c '${asRoot}' orch '${script}' '${firstStart}'`;
}

/** stdout: `orch-bridge 1`; stdin: node, agent bundle, run folder; then both are the agent's socket. */
const bridge = String.raw`
printf "\norch-bridge 1\n"
IFS= read -r node && IFS= read -r agent && IFS= read -r run || exit 1
exec "$node" "$agent" bridge --run "$run"
`;

export const bridgeBanner = 'orch-bridge 1';

/** Relays stdio to the agent's socket, as root. */
export const bridgeCommand = `sh -c '${asRoot}' orch '${bridge}'`;
