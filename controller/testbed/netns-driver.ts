import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { bundled, type Driver, type DriverContext, processFailed, withLog } from './driver.ts';
import { agentPort } from './plan.ts';
import { listen } from './ports.ts';
import { identify } from './processes.ts';
import type { RelayTarget } from './relay.ts';
import { netnsGatewayScript, netnsHostScript } from './scripts.ts';
import { files, type ProcessId, type TestbedHost, testbedDir } from './state.ts';
import { ensureTools } from './tools.ts';

const gatewayDeadlineMs = 30_000;

/** In a file, so that a process list stays readable; one a process, since a shell reads its script as it goes. */
function scriptFile(name: string, text: string): string {
  const file = join(testbedDir(), `${name}.sh`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Resolves with the relay's next message; fails when it ends or says nothing in time. */
function nextMessage(relay: ChildProcess, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      clearTimeout(timer);
      relay.off('message', onMessage).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onMessage = () => settle();
    const onExit = () => settle(processFailed('gateway', 'ended as soon as it was started'));
    const onAbort = () => settle(signal.reason);
    const timer = setTimeout(() => settle(processFailed('gateway', 'did not start in time')), gatewayDeadlineMs);
    relay.on('message', onMessage).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
  });
}

async function hand(relay: ChildProcess, server: Server, target: RelayTarget, signal: AbortSignal): Promise<void> {
  const taken = nextMessage(relay, signal);
  relay.send(target, server);
  await taken;
  server.close();
}

async function startGateway({ state, signal }: DriverContext, started: (process: ProcessId) => void): Promise<void> {
  const command = [
    '--net',
    'sh',
    scriptFile('gateway', netnsGatewayScript),
    process.execPath,
    bundled('testbed-relay.js'),
  ];
  const relay = withLog('gateway', (log) =>
    spawn('unshare', command, { detached: true, cwd: '/', stdio: ['ignore', log, log, 'ipc'] }),
  );
  const ready = nextMessage(relay, signal);
  started(identify(relay.pid, 'The gateway'));
  await ready;
  for (const host of state.hosts) {
    await hand(relay, await listen(host.sshPort), { address: host.address, port: 22 }, signal);
    await hand(relay, await listen(host.agentPort), { address: host.address, port: agentPort }, signal);
  }
  relay.disconnect();
  relay.unref();
}

function startHost({ state }: DriverContext, host: TestbedHost): ProcessId {
  const root = join(testbedDir(), `${host.name}.root`);
  mkdirSync(root, { recursive: true, mode: 0o755 });
  const gateway = String(state.processes.gateway?.pid);
  // With the pid namespace's init all of a host's processes die, and with them its namespaces and mounts.
  const namespaces = [
    '--net',
    '--uts',
    '--ipc',
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
  ];
  const script = [
    'sh',
    scriptFile(host.name, netnsHostScript),
    gateway,
    host.name,
    host.mac,
    root,
    files.seed(host.name),
  ];
  const child = withLog(host.name, (log) =>
    spawn('unshare', [...namespaces, ...script], { detached: true, cwd: '/', stdio: ['ignore', log, log] }),
  );
  child.unref();
  return identify(child.pid, host.name);
}

/** Hosts as sets of namespaces on this machine's kernel. */
export const netnsDriver: Driver = {
  bootDeadlineMs: 60_000,
  async prepare(_release, progress, signal) {
    if (process.getuid?.() !== 0) {
      throw new OrchError({
        code: 'invalid-option',
        summary: 'The netns testbed needs root.',
        hint: '`orch testbed up --driver qemu` does not.',
      });
    }
    await ensureTools('netns', progress, signal);
  },
  startGateway,
  startHost,
};
