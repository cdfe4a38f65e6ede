import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConnect } from '../../controller/connect/connect.ts';
import type { ConnectorSettings } from '../../controller/connect/connector.ts';
import type { AgentConnection, Target } from '../../controller/connect/types.ts';
import { freePort, startSshd, type TestSshd } from './sshd.ts';

const never = new AbortController().signal;
const folder = mkdtempSync('/tmp/orch-connect-');
const bundlePath = join(folder, 'agent.cjs');
let sshd: TestSshd;
let settings: ConnectorSettings;
const opened: AgentConnection[] = [];
const others: TestSshd[] = [];

beforeAll(async () => {
  await buildAgent('one');
  sshd = await startSshd();
});

afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close();
  for (const other of others.splice(0)) other.stop();
});

afterAll(() => {
  sshd?.stop();
  killAgents();
  rmSync(folder, { recursive: true, force: true });
});

/** `mark` makes the bundle another one. */
async function buildAgent(mark: string, outfile = bundlePath): Promise<void> {
  await build({
    entryPoints: ['test/connect/fake-agent-main.ts'],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    banner: { js: `// ${mark}` },
  });
}

function killAgents(): void {
  for (const entry of readdirSync(folder)) {
    const notes = join(folder, entry, 'run/agent.json');
    if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid, 'SIGKILL');
  }
}

/** A workstation that never met the host, and folders for an agent that was never there. */
async function fresh(name: string, state = join(folder, name, 'state')): Promise<ConnectorSettings> {
  settings = {
    paths: { state, run: join(folder, name, 'run'), port: await freePort() },
    bundlePath,
    stateFolder: join(folder, name, 'workstation'),
    cacheFolder: join(folder, 'cache'),
  };
  return settings;
}

function target(changes: Partial<Target> = {}, via: TestSshd = sshd): Target {
  return {
    name: 'vm01',
    address: '127.0.0.1',
    port: via.port,
    user: 'root',
    keyFile: via.key,
    become: false,
    sshArgs: ['-F', 'none', '-o', `UserKnownHostsFile=${via.knownHosts}`, '-o', 'GlobalKnownHostsFile=none'],
    unknownHostKey: 'refuse',
    transport: 'auto',
    timeoutMs: 5_000,
    ...changes,
  };
}

async function open(to: Target, from = settings): Promise<AgentConnection> {
  const connection = await createConnect(from)(to, never);
  opened.push(connection);
  return connection;
}

describe('a host that orch never met', () => {
  it('gets an agent over one SSH session, and the next connection needs no SSH', async () => {
    await fresh('cold');
    const cold = await open(target());
    expect(cold).toMatchObject({ warm: false, transport: 'tls', hello: { protocol: 1 } });
    const warm = await open(target());
    expect(warm).toMatchObject({ warm: true, transport: 'tls', hello: { pid: cold.hello.pid } });
    const mode = (path: string) => execFileSync('stat', ['-c', '%a', path], { encoding: 'utf8' }).trim();
    expect(mode(join(settings.stateFolder, 'ca'))).toBe('700');
    expect(mode(join(settings.stateFolder, 'ca/ca.pem'))).toBe('600');
    expect(mode(join(settings.paths.state, 'tls/agent.key'))).toBe('600');
  });
});
