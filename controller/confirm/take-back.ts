import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import { DestroyResponse_Outcome as Outcome } from '../../proto/gen/orch/v1/agent.ts';
import { rollbackOn } from '../connect/destroy.ts';
import { agentStatus } from '../connect/rpc.ts';
import type { AgentConnection } from '../connect/types.ts';
import { count } from '../report/format.ts';
import type { ArmedRun, HostOutcome } from './types.ts';

const pauseMs = 1000;
/** Beyond its own time: what a host that goes back by itself may take for it, and a slow one to be reached then. */
const graceMs = 20_000;

/** Has every host take the run back; one that is cut off does so by itself, and is asked once it is there again. */
export function takeBackHosts(armed: ArmedRun): Promise<readonly HostOutcome[]> {
  const deadline = Math.round(Date.now() + armed.seconds * 1000 + graceMs);
  return Promise.all(armed.hosts.map((host) => takeBack(armed, host, deadline)));
}

async function takeBack(armed: ArmedRun, host: string, deadline: number): Promise<HostOutcome> {
  let message = '';
  do {
    let connection: AgentConnection | undefined;
    try {
      const signal = AbortSignal.any([armed.signal, AbortSignal.timeout(Math.max(100, deadline - Date.now()))]);
      connection = await armed.connect(host, signal);
      return await onHost(armed, connection);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      message = error.summary;
    } finally {
      await connection?.close();
    }
    await sleep(pauseMs);
  } while (Date.now() < deadline && !armed.signal.aborted);
  return { host, state: 'unknown', message: `it can't be asked (${message}) and goes back by itself` };
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
