import { hostname, userInfo } from 'node:os';
import type { Open } from '../../proto/gen/orch/v1/agent.ts';
import { openRun } from '../connect/run-stream.ts';
import type { Connect, Target } from '../connect/types.ts';
import type { OpenStream } from './links.ts';

/** Who holds a lab, for people. */
export function holder(): string {
  return `${userInfo().username}@${hostname()}:${process.pid}`;
}

/**
 * Opens streams to real agents: connects, and takes the lab on the host. `confirmS`: the run is taken back unless it is
 * confirmed within so many seconds after the last word; 0: only when it touches the way to the host.
 */
export function agentStreams(
  connect: Connect,
  target: (host: string) => Target,
  take: Omit<Open, 'precautions'>,
  confirmS: number,
): OpenStream {
  return async (host, signal) => {
    const wanted = target(host);
    const connection = await connect(wanted, signal);
    try {
      const ways = connection.way === undefined ? [] : [connection.way];
      const open: Open = { ...take, precautions: { confirmS, ways } };
      const stream = await openRun(connection, (again) => connect(wanted, again), open);
      const { transport, warm } = connection;
      return { stream, settled: stream.settled, transport, warm, close: () => stream.connection.close() };
    } catch (error) {
      await connection.close();
      throw error;
    }
  };
}
