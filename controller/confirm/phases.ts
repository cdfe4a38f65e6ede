import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import {
  type ConfirmResponse,
  ConfirmRequest_Phase as Phase,
  ConfirmResponse_State as State,
} from '../../proto/gen/orch/v1/agent.ts';
import { signalUntil } from '../../proto/signal-until.ts';
import { confirmOn } from '../connect/calls/rpc.ts';
import type { AgentConnection } from '../connect/types.ts';
import type { ArmedRun } from './types.ts';

/** What a host said in one phase. */
interface Answer {
  readonly host: string;
  readonly good: boolean;
  readonly message: string;
}

export interface PhaseEnd {
  readonly answers: readonly Answer[];
  /** Those that were made for the phase, open still. */
  readonly connections: ReadonlyMap<string, AgentConnection>;
}

const pauseMs = 500;
const shareOfPrepare = 2 / 3;

/**
 * The first phase: reaches every host anew, and asks whether it can keep the run. From then on each waits as long again
 * for the second one. The phase is shorter than that wait, so that the first host to answer still hears the last word.
 */
export function prepareHosts(armed: ArmedRun): Promise<PhaseEnd> {
  return phase(armed, Phase.PREPARE, new Map(), armed.seconds * shareOfPrepare, {
    [State.READY]: true,
    // Nothing was changed there.
    [State.NONE]: true,
    [State.KEPT]: true,
  });
}

/** The second phase, once all are ready: tells all at the same moment to keep the run. */
export function commitHosts(armed: ArmedRun, { connections }: PhaseEnd): Promise<PhaseEnd> {
  return phase(armed, Phase.COMMIT, connections, armed.seconds, { [State.KEPT]: true, [State.NONE]: true });
}

async function phase(
  armed: ArmedRun,
  which: Phase,
  open: ReadonlyMap<string, AgentConnection>,
  seconds: number,
  good: Readonly<Partial<Record<State, boolean>>>,
): Promise<PhaseEnd> {
  const deadline = Math.round(Date.now() + seconds * 1000);
  const connections = new Map(open);
  const ask = async (host: string): Promise<Answer> => {
    let message = '';
    do {
      const left = Math.max(100, deadline - Date.now());
      try {
        const signal = signalUntil(armed.signal, left);
        const connection = connections.get(host) ?? (await armed.connect(host, signal));
        connections.set(host, connection);
        const { lab, run } = armed;
        const { state, reason } = await confirmOn(connection, { lab, run, phase: which }, left);
        if (state !== State.BUSY) return { host, good: good[state] ?? false, message: said(state, reason) };
        message = reason;
      } catch (error) {
        if (!(error instanceof OrchError)) throw error;
        const late = error.code === 'interrupted' && !armed.signal.aborted;
        message = late ? `no new connection within ${Math.round(seconds)} s` : error.summary;
        void connections.get(host)?.close();
        connections.delete(host);
      }
      await sleep(pauseMs);
    } while (Date.now() < deadline && !armed.signal.aborted);
    return { host, good: false, message };
  };
  return { answers: await Promise.all(armed.hosts.map(ask)), connections };
}

function said(state: ConfirmResponse['state'], reason: string): string {
  return state === State.TAKEN_BACK ? `the host has taken the run back: ${reason}` : reason;
}
