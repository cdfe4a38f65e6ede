import type { AgentServiceClient, HelloResponse } from '../../proto/gen/orch/v1/agent.ts';
import { protocol } from '../../proto/version.ts';
import { hello, openChannel, type Peer } from './channel.ts';
import type { Connector } from './connector.ts';
import type { Target } from './types.ts';

/**
 * For the direct way to an agent's port: a firewall that drops packets must not cost much more. Hosts that are known to be
 * slow get longer.
 */
export function directMs({ timeoutMs }: Pick<Target, 'timeoutMs'>): number {
  return Math.max(1_500, timeoutMs / 8);
}

/** What each handshake beside this one may add: they share this process. */
const neighbourMs = 50;

export interface Dialled {
  readonly client: AgentServiceClient;
  readonly hello: HelloResponse;
}

/** The agent answered, but is not the one that this controller speaks with. */
export class OtherAgent extends Error {}

/** Connects and says hello. Rejects with grpc's ServiceError, or OtherAgent for another bundle or protocol. */
export async function dial(connector: Connector, address: string, peer: Peer, timeoutMs: number): Promise<Dialled> {
  const bundle = await connector.bundle();
  const client = openChannel(address, await connector.identity(), peer);
  try {
    const answer = await connector.limiter.run(() =>
      hello(client, bundle.hash, timeoutMs + connector.limiter.busy * neighbourMs),
    );
    if (answer.protocol !== protocol || answer.bundle !== bundle.hash) {
      throw new OtherAgent(`bundle ${answer.bundle.slice(0, 12)}, protocol ${answer.protocol}`);
    }
    return { client, hello: answer };
  } catch (error) {
    client.close();
    throw error;
  }
}

export function tcpAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
