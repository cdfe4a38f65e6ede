import { constants } from 'node:os';

/** Leaders of the groups that run. */
const running = new Set<number>();

/** Takes note of a child that leads a process group of its own; what is returned says that it has ended. */
export function watchGroup(leader: number | undefined): () => void {
  if (leader === undefined) return () => undefined;
  if (running.size === 0) process.once('exit', endGroups);
  running.add(leader);
  return () => {
    running.delete(leader);
    if (running.size === 0) process.off('exit', endGroups);
  };
}

/** Kills all that runs: nobody would hear of it any more. */
export function endGroups(): void {
  for (const leader of running) signalGroup(leader, 'SIGKILL');
}

export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // The group is gone already.
  }
}

/** Exit status as shells tell it: 128 and its number for a signal. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 0) : 128 + constants.signals[signal];
}
