import { hostname } from 'node:os';
import { OrchError } from '../../../proto/errors.ts';
import type { Open } from '../../../proto/gen/orch/v1/agent.ts';
import { ownUser } from '../../../proto/own-user.ts';
import { HostLacks, openRun, type RunStream } from '../../connect/calls/run-stream.ts';
import type { AgentConnection, Connect, Target } from '../../connect/types.ts';
import type { RunEvent } from '../../report/types.ts';
import { type HostNeed, lackError } from '../input/needs.ts';
import type { OpenStream } from './links.ts';

/** Who holds a lab, for people. */
export function holder(): string {
  return `${ownUser()}@${hostname()}:${process.pid}`;
}

/**
 * Opens streams to real agents: connects, and takes the lab on the host unless that lacks what the run `needs` there.
 * `confirmS`: the run is taken back unless it is confirmed within so many seconds after the last word; 0: only when it
 * touches the way to the host. `emit` is told of hosts where another run is waited for.
 */
export function agentStreams(
  connect: Connect,
  target: (host: string) => Target,
  needs: (host: string) => readonly HostNeed[],
  take: Omit<Open, 'precautions' | 'needs'>,
  confirmS: number,
  emit: (event: RunEvent) => void,
): OpenStream {
  return async (host, signal, local) => {
    // Of a host the target says how the first play reaches it; later ones may do otherwise.
    const said = local === undefined ? {} : { connection: local ? ('local' as const) : ('ssh' as const) };
    const wanted = { ...target(host), ...said };
    const needed = needs(host);
    const connection = await connect(wanted, signal);
    try {
      const ways = connection.way === undefined ? [] : [connection.way];
      const all = needed.map(({ what, which }) => ({ what, which }));
      const open: Open = { ...take, precautions: { confirmS, ways }, needs: { all } };
      const tell = (message: string) => emit({ type: 'warning', host, message });
      const stream = await openInTurn(connection, (again) => connect(wanted, again), open, { signal, tell });
      const { transport, warm } = connection;
      const { settled, restored } = stream;
      return { stream, settled, restored, transport, warm, close: () => stream.connection.close() };
    } catch (error) {
      await connection.close();
      throw error instanceof HostLacks ? lackError(host, needed, error.lacks) : error;
    }
  };
}

/** Opens a run at once, or says who has the lab and queues behind that run. */
async function openInTurn(
  connection: AgentConnection,
  reconnect: (signal: AbortSignal) => Promise<AgentConnection>,
  open: Open,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (message: string) => void },
): Promise<RunStream> {
  if (open.waitMs > 0) {
    try {
      return await openRun(connection, reconnect, { ...open, waitMs: 0 }, signal);
    } catch (error) {
      if (!(error instanceof OrchError) || error.code !== 'lab-locked') throw error;
      tell(`${error.summary} It is waited for, ${open.waitMs / 1000} s at most (--wait).`);
    }
  }
  return openRun(connection, reconnect, open, signal);
}
