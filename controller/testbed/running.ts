import { isAlive } from './processes.ts';
import { files, readState } from './state.ts';

/** What `orch run` needs to know of the testbed that is up. */
export interface RunningTestbed {
  readonly inventoryPath: string;
  readonly driver: 'netns' | 'qemu';
}

/** The testbed of this user, when it is up and any of its hosts lives; costs a few file reads. */
export function runningTestbed(): RunningTestbed | undefined {
  const state = readState();
  if (!state?.complete) return undefined;
  const anyLives = state.hosts.some((host) => {
    const process = state.processes[host.name];
    return process !== undefined && isAlive(process);
  });
  return anyLives ? { inventoryPath: files.inventory(), driver: state.driver } : undefined;
}
