import { OrchError } from '../../proto/errors.ts';
import type { Lab } from '../../proto/gen/orch/v1/agent.ts';
import { agentStatus } from '../connect/calls/rpc.ts';
import type { AgentConnection, Connect, Target } from '../connect/types.ts';
import type { Failure } from '../report/types.ts';
import { failureOf } from '../run/failure.ts';

/** What one host knows of a lab, and the connection it was asked by. */
export interface AskedHost {
  readonly host: string;
  readonly target: Target;
  readonly connection?: AgentConnection;
  readonly lab?: Lab;
  /** Why it could not be asked. */
  readonly failure?: Failure;
}

/** Asks hosts side by side. Whoever asks closes the connections. */
export function askHosts(
  targets: readonly Target[],
  lab: string,
  connect: Connect,
  signal: AbortSignal,
): Promise<readonly AskedHost[]> {
  return Promise.all(
    targets.map(async (target): Promise<AskedHost> => {
      const host = target.name;
      try {
        const connection = await connect(target, signal);
        const { labs } = await agentStatus(connection, lab, target.timeoutMs);
        return { host, target, connection, ...(labs[0] === undefined ? {} : { lab: labs[0] }) };
      } catch (error) {
        if (!(error instanceof OrchError)) throw error;
        return { host, target, failure: failureOf(error) };
      }
    }),
  );
}

export async function closeAll(asked: readonly AskedHost[]): Promise<void> {
  await Promise.all(asked.map(({ connection }) => connection?.close()));
}
