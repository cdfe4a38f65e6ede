import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Constant text for sh; what it works with comes as arguments: the folder of checkpoints, the agent's process, then the
 * command that serves. While a run waits for its confirmation, it starts the agent anew when that has died, and ends one
 * that hangs: that has not acted for a hundred looks, half a second apart, in which a run's time was over (milliseconds
 * since the boot). An agent that was just started has its time, too, however late it is.
 */
const script = String.raw`
folder=$1 pid=$2 looks=0
shift 2
serves() { { tr "\0" " " <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q "agent\.cjs serve"; }
while sleep 0.5; do
  late=
  waiting=
  read -r up rest </proc/uptime
  for file in "$folder"/*.armed; do
    [ -e "$file" ] || continue
    waiting=1
    deadline=$(sed -n "s/.*\"deadlineMs\":\([0-9][0-9]*\).*/\1/p" "$file" 2>/dev/null)
    [ -n "$deadline" ] && [ "$((deadline / 1000))" -lt "\${up%.*}" ] && late=1
  done
  [ -n "$waiting" ] || exit 0
  [ -n "$late" ] && looks=$((looks + 1)) || looks=0
  [ "$looks" -gt 100 ] && serves && kill -KILL "$pid" && sleep 0.2
  serves || exec "$@"
done
`.replaceAll('\\$', '$');

/**
 * Sees to it that somebody takes back what is not confirmed, also when this process is killed: a shell in a session of its
 * own, which ends with the last checkpoint. The agent that it starts takes the checkpoints up, and watches itself again.
 */
export function startWatchdog({ stateDir }: { readonly stateDir: string }): void {
  const log = openSync(join(stateDir, 'agent.log'), 'a', 0o600);
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const args = ['-c', script, 'orch-watchdog', join(stateDir, 'checkpoints'), String(process.pid), ...own];
  const child = spawn('/bin/sh', args, { cwd: '/', detached: true, stdio: ['ignore', log, log] });
  // Without a shell the agent has only itself to rely on.
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
}
