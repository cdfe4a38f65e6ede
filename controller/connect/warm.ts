import type { Connector } from './connector.ts';
import { dial, directMs, tcpAddress } from './dial.ts';
import { readRecord } from './host-record.ts';
import type { AgentConnection, Target } from './types.ts';

/**
 * Straight to the agent that was met before, without SSH. Undefined when there is none, when it cannot be reached in time,
 * or when it is not the agent this controller would bring: then SSH tells what is the matter.
 */
export async function connectWarm(connector: Connector, target: Target): Promise<AgentConnection | undefined> {
  if (target.transport === 'tunnel') return undefined;
  const record = await readRecord(connector.recordFolder, target);
  if (record?.transport !== 'tls' || record.bundle !== (await connector.bundle()).hash) return undefined;
  try {
    const { client, hello } = await dial(connector, tcpAddress(record.address, record.port), record, directMs(target));
    return { host: target.name, hello, client, transport: 'tls', warm: true, close: async () => client.close() };
  } catch {
    return undefined;
  }
}
