import { OrchError } from '../../../proto/errors.ts';
import type { AgentConnection, Connect, Target } from '../types.ts';
import { Observer } from './observer.ts';

/** Hosts whose agents look on, until they are closed. */
export interface Observers {
  readonly all: readonly Observer[];
  /** The agents take away all that was armed. */
  close(): Promise<void>;
}

/**
 * Has the agents of hosts look on. `miss` is told why one cannot, and the others go on; without it, and where it throws,
 * all are closed and the OrchError comes through.
 */
export async function openObservers(
  targets: readonly Target[],
  connect: Connect,
  signal: AbortSignal,
  miss: (host: string, error: OrchError) => void,
): Promise<Observers> {
  const connections: AgentConnection[] = [];
  const all: Observer[] = [];
  const close = async (): Promise<void> => {
    for (const observer of all) observer.close();
    await Promise.all(connections.map((connection) => connection.close()));
  };
  const opening = targets.map(async (target) => {
    try {
      const connection = await connect(target, signal);
      connections.push(connection);
      all.push(new Observer(connection, target.timeoutMs, signal));
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      miss(target.name, error);
    }
  });
  const failed = (await Promise.allSettled(opening)).find((opened) => opened.status === 'rejected');
  if (failed === undefined) return { all, close };
  await close();
  throw failed.reason;
}
