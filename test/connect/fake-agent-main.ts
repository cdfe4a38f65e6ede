// An agent's process without its engine: serves Hello, Status and Stop as the command line contract says.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type AgentServiceServer, AgentServiceService } from '../../proto/gen/orch/v1/agent.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    state: { type: 'string', default: '/var/lib/orch' },
    run: { type: 'string', default: '/run/orch' },
    port: { type: 'string', default: '7411' },
    service: { type: 'boolean', default: false },
  },
});
const bundle = createHash('sha256').update(readFileSync(__filename)).digest('hex');
const socket = join(values.run, 'agent.sock');
const notes = join(values.run, 'agent.json');

function bridge(): void {
  const stream = connect(socket);
  stream.on('error', () => process.exit(1));
  process.stdin.pipe(stream).pipe(process.stdout);
}

async function serve(): Promise<void> {
  const tls = (name: string) => readFileSync(join(values.state, 'tls', name));
  const credentials = ServerCredentials.createSsl(
    tls('ca.pem'),
    [{ private_key: tls('agent.key'), cert_chain: tls('agent.pem') }],
    true,
  );
  const leave = () => {
    rmSync(notes, { force: true });
    rmSync(socket, { force: true });
    process.exit(0);
  };
  const hello = {
    ...{ protocol: 1, bundle, version: '0.1.0', hostname: 'fake', kernel: '6', node: process.version },
    ...{ pid: process.pid, uptimeMs: 1, mode: values.service ? 'service' : 'transient' },
  };
  const service: Partial<AgentServiceServer> = {
    hello: (_call, callback) => callback(null, hello),
    status: (_call, callback) => callback(null, { agent: hello, labs: [], rssBytes: 1 }),
    stop: (_call, callback) => {
      callback(null, { stopping: true, reason: '' });
      setTimeout(leave, 50);
    },
  };
  mkdirSync(values.run, { recursive: true, mode: 0o700 });
  rmSync(socket, { force: true });
  const server = new Server();
  server.addService(AgentServiceService, service as AgentServiceServer);
  const bind = (address: string) =>
    new Promise<number>((resolve, reject) =>
      server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port))),
    );
  await bind(`unix:${socket}`);
  const port = await bind(`[::]:${values.port}`);
  writeFileSync(`${notes}.part`, JSON.stringify({ pid: process.pid, port, bundle, version: '0.1.0', startedAt: '' }));
  renameSync(`${notes}.part`, notes);
  process.on('SIGTERM', leave);
}

if (positionals[0] === 'bridge') bridge();
else
  serve().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
