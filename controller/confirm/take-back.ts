import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import { DestroyResponse_Outcome as Outcome } from '../../proto/gen/orch/v1/agent.ts';
import { signalUntil } from '../../proto/signal-until.ts';
import { rollbackOn } from '../connect/calls/destroy.ts';
import { agentStatus } from '../connect/calls/rpc.ts';
import type { AgentConnection } from '../connect/types.ts';
import { count } from '../report/format.ts';
import type { ArmedRun, HostOutcome } from './types.ts';

const pauseMs = 1000;
/** Beyond its own time: what a host that goes back by itself may take for it, and a slow one to be reached then. */
const graceMs = 20_000;

/**
 * Has every host take the run back; one that is cut off does so by itself, and is asked once it is there again. Not so those
 * that have `heard` the last word: they keep the run unless they are reached.
 */
export function takeBackHosts(armed: ArmedRun, heard: ReadonlySet<string>): Promise<readonly HostOutcome[]> {
  const deadline = Math.round(Date.now() + armed.seconds * 1000 + graceMs);
  return Promise.all(
    armed.hosts.map(async (host): Promise<HostOutcome> => {
      const { outcome, trouble } = await takeBack(armed, host, deadline);
      if (outcome !== undefined) return outcome;
      if (!heard.has(host))
        return { host, state: 'unknown', message: `it can't be asked (${trouble}) and goes back by itself` };
      const message = `it had heard the last word and can't be asked (${trouble}): orch rollback ${armed.run} takes it back`;
      return { host, state: 'kept', message };
    }),
  );
}

/** Gives what became of it there, or why it could not be asked. */
async function takeBack(
  armed: ArmedRun,
  host: string,
  deadline: number,
): Promise<{ readonly outcome?: HostOutcome; readonly trouble: string }> {
  let trouble = '';
  do {
    let connection: AgentConnection | undefined;
    try {
      const signal = signalUntil(armed.signal, Math.max(100, deadline - Date.now()));
      connection = await armed.connect(host, signal);
      return { outcome: await onHost(armed, connection), trouble: '' };
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      trouble = error.summary;
    } finally {
      await connection?.close();
    }
    await sleep(pauseMs);
  } while (Date.now() < deadline && !armed.signal.aborted);
  return { trouble };
}

async function onHost({ lab, run, holder, signal }: ArmedRun, connection: AgentConnection): Promise<HostOutcome> {
  const { host } = connection;
  const counts = { undone: 0, left: 0, failed: 0 };
  const request = { lab, runs: [run], holder, check: false, waitMs: 10_000 };
  for await (const { change } of rollbackOn(connection, request, signal)) {
    if (change?.outcome === Outcome.UNDONE) counts.undone++;
    else if (change?.outcome === Outcome.LEFT) counts.left++;
    else counts.failed++;
  }
  const { undone, left, failed } = counts;
  if (undone + left + failed > 0) {
    const rest = [left > 0 ? `${left} left` : '', failed > 0 ? `${failed} failed` : ''].filter(Boolean);
    return { host, state: 'taken-back', message: [`${count(undone, 'change')} undone`, ...rest].join(', ') };
  }
  const status = await agentStatus(connection, lab, 10_000);
  const settled = status.labs[0]?.settled;
  const message = settled?.run === run ? settled.reason : 'nothing had been changed';
  return { host, state: 'taken-back', message };
}
