import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { OrchError } from '../../proto/errors.ts';
import { type Driver, type DriverContext, processFailed } from './driver.ts';
import { inventoryText } from './inventory.ts';
import { namedHost } from './named-host.ts';
import { patienceSeconds, planHosts, type Release, testbedId } from './plan.ts';
import { freePorts, waitForSsh } from './ports.ts';
import { isAlive, kill } from './processes.ts';
import type { Progress } from './progress.ts';
import { makeClientKey, makeSeed, newPassword } from './seed.ts';
import {
  type DriverName,
  files,
  type ProcessId,
  readState,
  type TestbedHost,
  type TestbedState,
  testbedDir,
  writeState,
} from './state.ts';

export interface Wish {
  readonly driver: DriverName;
  readonly hosts: number;
  readonly release: Release;
}

const drivers: Readonly<Record<DriverName, () => Promise<Driver>>> = {
  netns: async () => (await import('./netns-driver.ts')).netnsDriver,
  qemu: async () => (await import('./qemu-driver.ts')).qemuDriver,
};

/** The names of the processes, `gateway` and hosts, that should live and do not. */
export function deadProcesses(state: TestbedState): readonly string[] {
  return ['gateway', ...state.hosts.map((host) => host.name)].filter((name) => !lives(state, name));
}

function lives(state: TestbedState, name: string): boolean {
  const process = state.processes[name];
  return process !== undefined && isAlive(process);
}

async function killAll(state: TestbedState): Promise<void> {
  const { gateway, ...hosts } = state.processes;
  await Promise.all(Object.values(hosts).map(kill));
  if (gateway) await kill(gateway);
}

/** Kills what the record names and removes all of the testbed's files. */
export async function takeDown(state: TestbedState): Promise<void> {
  await killAll(state);
  rmSync(testbedDir(), { recursive: true, force: true });
}

async function newState(wish: Wish): Promise<TestbedState> {
  const id = testbedId(testbedDir());
  const planned = planHosts(wish.hosts, id);
  const ports = await freePorts(planned.length * 2);
  const hosts = planned.map((host, index) => ({
    ...host,
    sshPort: ports[2 * index] ?? 0,
    agentPort: ports[2 * index + 1] ?? 0,
  }));
  return {
    version: 1,
    id,
    driver: wish.driver,
    release: wish.release,
    startedAt: new Date().toISOString(),
    complete: false,
    labPassword: newPassword(),
    hosts,
    processes: {},
  };
}

async function writeFiles(state: TestbedState, signal: AbortSignal): Promise<void> {
  await makeClientKey(signal);
  const lines = await Promise.all(state.hosts.map((host) => makeSeed(host, state.hosts, state.labPassword, signal)));
  writeFileSync(files.knownHosts(), lines.join(''), { mode: 0o600 });
  const keys = { clientKey: files.clientKey(), knownHosts: files.knownHosts() };
  const text = inventoryText(state.hosts, keys, patienceSeconds[state.driver]);
  writeFileSync(files.inventory(), text, { mode: 0o600 });
  chmodSync(testbedDir(), 0o700);
}

/** Starts what does not live, and keeps the record of it as it goes, so that a cut-off start can be undone. */
async function startMissing(first: TestbedState, driver: Driver, progress: Progress, signal: AbortSignal) {
  let state = first;
  const record = (name: string, process: ProcessId) => {
    state = { ...state, processes: { ...state.processes, [name]: process } };
    writeState(state);
  };
  const context = (): DriverContext => ({ state, signal });
  if (!lives(state, 'gateway')) await driver.startGateway(context(), (process) => record('gateway', process));
  const missing = state.hosts.filter((host) => !lives(state, host.name));
  for (const host of missing) record(host.name, driver.startHost(context(), host));
  await bootOf(missing, state, driver, progress, signal);
  signal.throwIfAborted();
  writeState({ ...state, complete: true });
}

/** Waits until hosts that were started answer. */
async function bootOf(
  hosts: readonly TestbedHost[],
  state: TestbedState,
  driver: Driver,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + driver.bootDeadlineMs;
  const wait = async (host: TestbedHost) => {
    const alive = () => lives(state, host.name);
    if (await waitForSsh(host.sshPort, deadline, alive, signal)) progress.say(`${host.name} answers`);
    else throw processFailed(host.name, alive() ? 'started but its sshd does not answer' : 'ended at its start');
  };
  const names = hosts.map((host) => host.name).join(', ');
  await progress.during(`waiting for ${names} (${state.driver})`, Promise.all(hosts.map(wait)));
}

/** Runs `work`; when it fails, or was interrupted, nothing of the testbed is left. */
async function allOrNothing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const state = readState();
    if (state) await takeDown(state);
    throw error;
  }
}

/**
 * Makes a testbed where there is none.
 * @throws OrchError testbed-failed, missing-tool, invalid-option; nothing of the testbed is left then.
 */
export async function makeTestbed(wish: Wish, progress: Progress, signal: AbortSignal): Promise<void> {
  const driver = await drivers[wish.driver]();
  await driver.prepare(wish.release, progress, signal);
  await allOrNothing(async () => {
    const state = await newState(wish);
    writeState(state);
    await writeFiles(state, signal);
    await startMissing(state, driver, progress, signal);
  });
}

/**
 * Starts again what died. Without its gateway the segment is gone, so then all hosts start anew.
 * @throws OrchError testbed-failed; nothing of the testbed is left then.
 */
export async function repairTestbed(state: TestbedState, progress: Progress, signal: AbortSignal): Promise<void> {
  const driver = await drivers[state.driver]();
  await driver.prepare(state.release, progress, signal);
  await allOrNothing(async () => {
    const gone = deadProcesses(state);
    if (gone.includes('gateway')) await killAll(state);
    progress.say(`${gone.join(', ')} had died`);
    await startMissing({ ...state, complete: false }, driver, progress, signal);
  });
}

/**
 * Cuts a host's power, gives it back, and waits until the host answers.
 * @throws OrchError testbed-failed, unknown-host, invalid-option where hosts have no power of their own.
 */
export async function powerCycle(name: unknown, progress: Progress, signal: AbortSignal): Promise<void> {
  const { state, host } = namedHost(name);
  const driver = await drivers[state.driver]();
  if (driver.powerCycle === undefined) {
    throw new OrchError({
      code: 'invalid-option',
      summary: `Hosts of the ${state.driver} driver have no power to cut, and no disk that would outlive it.`,
      hint: 'orch testbed up --driver qemu',
    });
  }
  await driver.powerCycle(host);
  await bootOf([host], state, driver, progress, signal);
}
