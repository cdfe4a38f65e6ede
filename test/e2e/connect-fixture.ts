// What tests of connecting share: a host with an sshd of its own, workstations that never met it, the real agent.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createConnect } from '../../controller/connect/connect.ts';
import type { ConnectorSettings } from '../../controller/connect/connector.ts';
import type { AgentConnection, Target } from '../../controller/connect/types.ts';
import { buildFirstStart } from '../../scripts/first-start.ts';
import { freePort, startSshd, type TestSshd } from './sshd.ts';

export const never = new AbortController().signal;
/** Of one test file: workstations, hosts' folders, keys. */
export const folder = mkdtempSync('/tmp/orch-connect-');
const bundlePath = join(folder, 'agent.cjs');
/** A host that everything below connects to unless it starts its own. */
export let sshd: TestSshd;
export let settings: ConnectorSettings;
const opened: AgentConnection[] = [];
const others: TestSshd[] = [];

const common: BuildOptions = { bundle: true, format: 'cjs', platform: 'node' };

beforeAll(async () => {
  await buildAgent('one');
  await buildFirstStart({ ...common, minify: true }, join(folder, 'first-start.cjs'));
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
export async function buildAgent(mark: string, outfile = bundlePath): Promise<void> {
  await build({
    entryPoints: ['agent/main.ts'],
    outfile,
    ...common,
    banner: { js: `// ${mark}` },
    define: { 'import.meta.dirname': '__dirname' },
  });
}

function killAgents(): void {
  for (const entry of readdirSync(folder)) {
    const notes = join(folder, entry, 'run/agent.json');
    if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid, 'SIGKILL');
  }
}

/** A workstation that never met the host, and folders for an agent that was never there. */
export async function fresh(name: string, state = join(folder, name, 'state')): Promise<ConnectorSettings> {
  settings = {
    paths: { state, run: join(folder, name, 'run'), port: await freePort() },
    bundlePath,
    stateFolder: join(folder, name, 'workstation'),
    cacheFolder: join(folder, 'cache'),
  };
  return settings;
}

export function target(changes: Partial<Target> = {}, via: TestSshd = sshd): Target {
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

export function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** A workstation file that only this test has. */
export function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

export async function own(...args: Parameters<typeof startSshd>): Promise<TestSshd> {
  const started = await startSshd(...args);
  others.push(started);
  return started;
}

export async function open(to: Target, from = settings): Promise<AgentConnection> {
  const connection = await createConnect(from)(to, never);
  opened.push(connection);
  return connection;
}
