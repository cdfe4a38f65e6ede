import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { chooseDriver } from '../testbed/choose-driver.ts';
import { exclusively } from '../testbed/exclusively.ts';
import { login } from '../testbed/login.ts';
import { releases } from '../testbed/plan.ts';
import type { Progress } from '../testbed/progress.ts';
import { readState, type TestbedState } from '../testbed/state.ts';
import { statusText } from '../testbed/status.ts';
import { deadProcesses, makeTestbed, powerCycle, repairTestbed, takeDown, type Wish } from '../testbed/up.ts';
import { texts } from './read-options.ts';

export const hasProgram = true;

export function options(yargs: Argv): Argv {
  return yargs
    .positional('action', {
      choices: ['up', 'down', 'status', 'ssh', 'reset', 'power-cycle'] as const,
      demandOption: true,
    })
    .positional('host', { type: 'string', describe: 'for ssh: the host to log in to, as root; for power-cycle: a VM' })
    .option('driver', {
      choices: ['auto', 'netns', 'qemu'] as const,
      describe: 'namespaces of this machine (needs root), or VMs; auto: namespaces if they offer ipvlan',
    })
    .option('hosts', { type: 'number', describe: 'how many (default 2)' })
    .option('release', { choices: releases, describe: "the VMs' Debian (default trixie)" })
    .epilogue(
      'up installs what is missing (QEMU, mmdebstrap, fping, ...) by apt when you are root; else it says what to run.\n' +
        'orch testbed ssh HOST [-- COMMAND...] logs in as root, or runs a command there.\n' +
        'orch testbed power-cycle HOST cuts the power of a VM, which boots from its disk.',
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
    const release = state.driver === 'qemu' ? `, ${state.release}` : '';
    throw new OrchError({
      code: 'invalid-option',
      summary: `Another testbed is up: ${state.driver}, ${state.hosts.length} hosts${release}.`,
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

export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const wanted = args as Args;
  if (args.host !== undefined && args.action !== 'ssh' && args.action !== 'power-cycle') {
    throw new OrchError({
      code: 'invalid-option',
      summary: `"${args.action}" is for the whole testbed, not for ${args.host} alone.`,
    });
  }
  switch (args.action) {
    case 'up':
    case 'reset': {
      const work = args.action === 'up' ? up : reset;
      const code = await exclusively((progress, signal) => work(wanted, progress, signal));
      return code === 0 ? status() : code;
    }
    case 'down':
      return exclusively(down);
    case 'power-cycle':
      return exclusively((progress, signal) => powerCycle(args.host, progress, signal));
    case 'ssh':
      return login(args.host, texts(args['--']));
    default:
      return status();
  }
}
