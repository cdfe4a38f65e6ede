import { Server, type ServerCredentials } from '@grpc/grpc-js';
import { type AgentServiceServer, AgentServiceService, type HelloResponse } from '../../proto/gen/orch/v1/agent.ts';

export const helloOfFake: HelloResponse = {
  protocol: 1,
  bundle: 'f'.repeat(64),
  version: '0.0.0',
  hostname: 'fake',
  kernel: '6.12.0',
  node: process.version,
  pid: 1,
  uptimeMs: 1,
  mode: 'transient',
};

/** An agent that answers Hello, and whatever else a test gives it. */
export async function serveFake(
  address: string,
  credentials: ServerCredentials,
  handlers: Partial<AgentServiceServer> = {},
): Promise<{ port: number; server: Server }> {
  const server = new Server();
  const refuse = () => {
    throw new Error('not part of this test');
  };
  const service: AgentServiceServer = {
    hello: (_call, callback) => callback(null, helloOfFake),
    run: refuse,
    bring: refuse,
    status: refuse,
    destroy: refuse,
    rollback: refuse,
    confirm: refuse,
    stop: refuse,
    exec: refuse,
    logs: refuse,
    observe: refuse,
    ...handlers,
  };
  server.addService(AgentServiceService, service);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(address, credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, server };
}
