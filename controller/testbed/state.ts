import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { stateDir } from '../paths.ts';
import type { PlannedHost, Release } from './plan.ts';

export type DriverName = 'netns' | 'qemu';

/** A process, so named that a recycled pid is never taken for it. */
export interface ProcessId {
  readonly pid: number;
  /** Boot id and start time in clock ticks since boot, proc_pid_stat(5) field 22. */
  readonly start: string;
}

export interface TestbedHost extends PlannedHost {
  /** On 127.0.0.1 of this machine. */
  readonly sshPort: number;
  readonly agentPort: number;
}

/** What `state.json` holds. Private: it has the password of user `lab` on the hosts. */
export interface TestbedState {
  readonly version: 1;
  readonly id: string;
  readonly driver: DriverName;
  readonly release: Release;
  readonly startedAt: string;
  /** False while `up` is at work or was cut off. */
  readonly complete: boolean;
  readonly labPassword: string;
  readonly hosts: readonly TestbedHost[];
  /** By host name, and `gateway`. */
  readonly processes: Readonly<Record<string, ProcessId>>;
}

/** Everything of the testbed is below this directory, and goes with it. */
export function testbedDir(): string {
  return join(stateDir(), 'testbed');
}

export const files = {
  inventory: () => join(testbedDir(), 'inventory.yml'),
  clientKey: () => join(testbedDir(), 'client_key'),
  knownHosts: () => join(testbedDir(), 'known_hosts'),
  /** Console and sshd log of a host, or of the gateway. */
  log: (name: string) => join(testbedDir(), `${name}.log`),
  seed: (host: string) => join(testbedDir(), `${host}.tar`),
} as const;

const stateFile = () => join(testbedDir(), 'state.json');

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isProcessId = (value: unknown) =>
  isRecord(value) && Number.isInteger(value.pid) && Number(value.pid) > 1 && typeof value.start === 'string';

const isHost = (value: unknown) =>
  isRecord(value) &&
  [value.name, value.address, value.mac].every((field) => typeof field === 'string') &&
  [value.sshPort, value.agentPort].every((field) => Number.isInteger(field));

function isState(value: unknown): value is TestbedState {
  return (
    isRecord(value) &&
    value.version === 1 &&
    (value.driver === 'netns' || value.driver === 'qemu') &&
    [value.id, value.release, value.startedAt, value.labPassword].every((field) => typeof field === 'string') &&
    typeof value.complete === 'boolean' &&
    Array.isArray(value.hosts) &&
    value.hosts.every(isHost) &&
    isRecord(value.processes) &&
    Object.values(value.processes).every(isProcessId)
  );
}

/**
 * The text of a state file to its data.
 * @throws OrchError testbed-failed when it is not what this version writes.
 */
export function parseState(text: string): TestbedState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isState(value)) return value;
  throw new OrchError({
    code: 'testbed-failed',
    summary: `The testbed's state file ${stateFile()} is damaged or of another version.`,
    hint: 'Stop what is left of that testbed by hand, then remove the file.',
  });
}

/** The recorded testbed, whether or not its processes still live; nothing when there is none. */
export function readState(): TestbedState | undefined {
  let text: string;
  try {
    text = readFileSync(stateFile(), 'utf8');
  } catch {
    return undefined;
  }
  return parseState(text);
}

export function writeState(state: TestbedState): void {
  mkdirSync(testbedDir(), { recursive: true, mode: 0o700 });
  const temporary = `${stateFile()}.new`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, stateFile());
}
