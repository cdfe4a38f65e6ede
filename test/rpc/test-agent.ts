import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelCredentials, Server } from '@grpc/grpc-js';
import { FileCredentials } from '../../agent/credentials.ts';
import { Engine } from '../../agent/engine/engine.ts';
import { hello } from '../../agent/identity.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { agentService } from '../../agent/service.ts';
import { AgentServiceClient, AgentServiceService, type DestroyResponse } from '../../proto/gen/orch/v1/agent.ts';
import { FakeHost } from '../engine/fake-host.ts';
import { fakeModules } from '../engine/fake-modules.ts';
import { TestCa } from './certificates.ts';

/** The agent's service in this process, over real mutual TLS on loopback, with a host and modules that are made up. */
export class TestAgent {
  readonly ca: TestCa;
  readonly host = new FakeHost({ sysctls: { a: '0', b: '0' } });
  readonly engine: Engine;
  readonly folder: string;
  readonly credentials: FileCredentials;
  stopped = 0;
  port = 0;
  private readonly server = new Server();
  private readonly clients: AgentServiceClient[] = [];

  private constructor(ca: TestCa, folder: string) {
    this.ca = ca;
    this.folder = folder;
    this.credentials = new FileCredentials(folder);
    this.engine = new Engine({
      host: this.host,
      modules: fakeModules,
      labsDir: join(folder, 'labs'),
      journalsDir: join(folder, 'journals'),
      checkpointsDir: join(folder, 'checkpoints'),
      boot: 'boot',
    });
    this.server.addService(
      AgentServiceService,
      agentService({
        engine: this.engine,
        host: new LinuxHost(join(folder, 'daemons')),
        hello: () => hello('bundle', false),
        begin: () => () => undefined,
        stop: () => {
          this.stopped++;
        },
      }),
    );
  }

  static async start(): Promise<TestAgent> {
    const ca = await TestCa.make();
    const folder = mkdtempSync(join(tmpdir(), 'orch-rpc-'));
    await ca.writeAgentFiles(folder);
    const agent = new TestAgent(ca, folder);
    agent.port = await new Promise<number>((resolve, reject) => {
      agent.server.bindAsync('127.0.0.1:0', agent.credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    return agent;
  }

  async client(credentials?: ChannelCredentials): Promise<AgentServiceClient> {
    const client = new AgentServiceClient(`localhost:${this.port}`, credentials ?? (await this.ca.clientCredentials()));
    this.clients.push(client);
    return client;
  }

  async end(): Promise<void> {
    for (const client of this.clients) client.close();
    this.server.forceShutdown();
    await this.engine.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** A unary call as a promise. */
export function ask<Response>(
  call: (callback: (error: Error | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(error) : resolve(response)));
  });
}

export async function destroy(client: AgentServiceClient, lab: string, waitMs = 0): Promise<DestroyResponse[]> {
  const responses: DestroyResponse[] = [];
  const call = client.destroy({ lab, run: 'destroyer', holder: 'tester', check: false, waitMs });
  for await (const response of call as AsyncIterable<DestroyResponse>) responses.push(response);
  return responses;
}
