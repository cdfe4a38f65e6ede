import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { stateDir } from '../paths.ts';
import { chooseDriver } from '../testbed/choose-driver.ts';
import { withLock } from '../testbed/lock.ts';
import { releases } from '../testbed/plan.ts';
import { type Progress, startProgress } from '../testbed/progress.ts';
import { files, readState, type TestbedState } from '../testbed/state.ts';
import { statusText } from '../testbed/status.ts';
import { deadProcesses, makeTestbed, repairTestbed, takeDown, type Wish } from '../testbed/up.ts';

const lockTimeoutMs = 900_000;

export function options(yargs: Argv): Argv {
  return yargs
    .positional('action', { choices: ['up', 'down', 'status', 'ssh', 'reset'] as const, demandOption: true })
    .positional('host', { type: 'string', describe: 'for ssh: the host to log in to, as root' })
    .option('driver', {
      choices: ['auto', 'netns', 'qemu'] as const,
      describe: 'namespaces of this machine (needs root), or VMs; auto: namespaces if they offer ipvlan',
    })
    .option('hosts', { type: 'number', describe: 'how many (default 2)' })
    .option('release', { choices: releases, describe: "the VMs' Debian (default trixie)" })
    .usage(
      '$0 testbed up|down|status|reset\n$0 testbed ssh HOST [-- COMMAND...]\n\nHosts on this machine, to run labs on.',
    );
}

interface Args {
  readonly driver?: Wish['driver'] | 'auto';
  readonly hosts?: number;
  readonly release?: Wish['release'];
}

/** The wish of a command line, what it leaves open taken from `base`. */
async function wishOf(args: Args, base?: TestbedState): Promise<Wish> {
  const named = args.driver === 'auto' ? undefined : args.driver;
  if (named === 'netns' && args.release) {
    throw new OrchError({ code: 'invalid-option', summary: '--release is for VMs; netns hosts are this machine.' });
  }
  const driver = named ?? base?.driver ?? (args.release ? 'qemu' : await chooseDriver());
  return { driver, hosts: args.hosts ?? base?.hosts.length ?? 2, release: args.release ?? base?.release ?? 'trixie' };
}

async function up(args: Args, progress: Progress, signal: AbortSignal): Promise<void> {
  let state = readState();
  if (state && !state.complete) {
    progress.say('removing what an interrupted start left');
    await takeDown(state);
    state = undefined;
  }
  const wish = await wishOf(args, state);
  if (!state) return makeTestbed(wish, progress, signal);
  if (wish.driver !== state.driver || wish.hosts !== state.hosts.length || wish.release !== state.release) {
    throw new OrchError({
      code: 'invalid-option',
      summary: `Another testbed is up: ${state.driver}, ${state.hosts.length} hosts, ${state.release}.`,
      hint: '`orch testbed down` first, or use another XDG_STATE_HOME.',
    });
  }
  if (deadProcesses(state).length > 0) return repairTestbed(state, progress, signal);
  progress.say('already up');
}

async function down(progress: Progress): Promise<void> {
  const state = readState();
  if (!state) return progress.say('none is up');
  await takeDown(state);
  progress.say('down: nothing of it is left');
}

async function reset(args: Args, progress: Progress, signal: AbortSignal): Promise<void> {
  const state = readState();
  const wish = await wishOf(args, state);
  if (state) await down(progress);
  await makeTestbed(wish, progress, signal);
}

function status(): number {
  const state = readState();
  process.stdout.write(statusText(state, state ? deadProcesses(state) : []));
  return state && deadProcesses(state).length > 0 ? 2 : 0;
}

/** As ssh(1) does it: the words of a command are joined by blanks, and the host's shell reads them. */
function ssh(name: unknown, command: readonly string[]): Promise<number> {
  const state = readState();
  if (!state) throw new OrchError({ code: 'testbed-failed', summary: 'No testbed is up.', hint: 'orch testbed up' });
  const host = state.hosts.find((each) => each.name === name);
  if (!host) {
    const known = state.hosts.map((each) => each.name).join(', ');
    throw new OrchError({
      code: 'unknown-host',
      summary: `The testbed has no host ${name ?? '(none named)'}: ${known}.`,
    });
  }
  const words = ['-F', 'none', '-i', files.clientKey(), '-p', String(host.sshPort)];
  const settings = [
    `UserKnownHostsFile="${files.knownHosts()}"`,
    'IdentitiesOnly=yes',
    'ConnectTimeout=10',
    'LogLevel=ERROR',
  ];
  const child = spawn('ssh', [...words, ...settings.flatMap((o) => ['-o', o]), 'root@127.0.0.1', '--', ...command], {
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 255));
  });
}

/** Runs `work` alone on this testbed; Ctrl-C aborts its signal, and it then leaves nothing. */
async function exclusively(work: (progress: Progress, signal: AbortSignal) => Promise<void>): Promise<number> {
  const progress = startProgress();
  const interrupted = new AbortController();
  const abort = () => interrupted.abort(new OrchError({ code: 'interrupted', summary: 'Interrupted.' }));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  // For good: a second Ctrl-C must not cut the undoing short.
  for (const name of signals) process.on(name, abort);
  const { signal } = interrupted;
  const waiting = () => progress.say('waiting for another orch to be done with the testbed');
  try {
    await withLock(join(stateDir(), 'testbed.lock'), { timeoutMs: lockTimeoutMs, signal, waiting }, () =>
      work(progress, signal),
    );
    return 0;
  } catch (error) {
    // A timer that was waited for throws its own error, caused by ours.
    const ours = error === signal.reason || (error instanceof Error && error.cause === signal.reason);
    if (!signal.aborted || !ours) throw error;
    progress.say('interrupted: nothing of it is left');
    return 130;
  }
}

export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const wanted = args as Args;
  switch (args.action) {
    case 'up':
    case 'reset': {
      const work = args.action === 'up' ? up : reset;
      const code = await exclusively((progress, signal) => work(wanted, progress, signal));
      return code === 0 ? status() : code;
    }
    case 'down':
      return exclusively(down);
    case 'ssh':
      return ssh(args.host, Array.isArray(args['--']) ? args['--'].map(String) : []);
    default:
      return status();
  }
}
