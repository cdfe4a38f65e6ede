import { commitHosts, type PhaseEnd, prepareHosts } from './phases.ts';
import { takeBackHosts } from './take-back.ts';
import type { ArmedRun, HostOutcome } from './types.ts';

/** How a run that had to be confirmed ended. */
export interface Settlement {
  readonly kept: boolean;
  /** Why it was not kept. */
  readonly reason: string;
  readonly hosts: readonly HostOutcome[];
}

/**
 * Has all hosts keep a run, or all take it back: all must be reached anew and ready before any is told to keep it. Only that
 * last word ends their waiting, so whatever happens before, all go back. It is sent to all at the same moment; a host that
 * does not answer it makes the others, which keep what takes the run back, go back as well.
 */
export async function confirmRun(armed: ArmedRun): Promise<Settlement> {
  const prepared = await prepareHosts(armed);
  const refused = refusals(prepared);
  if (refused !== '') {
    closeAll(prepared);
    return giveUp(armed, refused);
  }
  const committed = await commitHosts(armed, prepared);
  closeAll(committed);
  const lost = refusals(committed);
  const heard = new Set(committed.answers.flatMap(({ host, good }) => (good ? [host] : [])));
  if (lost !== '') return giveUp(armed, lost, heard);
  const hosts = armed.hosts.map((host): HostOutcome => ({ host, state: 'kept', message: '' }));
  return { kept: true, reason: '', hosts };
}

/** Has all hosts take the run back. `heard`: those that have heard the last word, and do not go back by themselves. */
export async function giveUp(armed: ArmedRun, reason: string, heard = new Set<string>()): Promise<Settlement> {
  return { kept: false, reason, hosts: await takeBackHosts(armed, heard) };
}

function refusals({ answers }: PhaseEnd): string {
  const hosts = new Map<string, string[]>();
  for (const { host, good, message } of answers) if (!good) hosts.set(message, [...(hosts.get(message) ?? []), host]);
  return [...hosts].map(([message, names]) => `${names.join(', ')}: ${message}`).join('; ');
}

function closeAll({ connections }: PhaseEnd): void {
  for (const connection of connections.values()) void connection.close();
}
