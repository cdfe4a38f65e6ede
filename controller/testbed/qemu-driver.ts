import { spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { mayUse } from '../file-access.ts';
import { bundled, type Driver, processFailed, withLog } from './driver.ts';
import { ensureImage, imageOf } from './image.ts';
import { waitForListener } from './ports.ts';
import { identify, isAlive } from './processes.ts';
import { gatewayArgv, hostArgv, machineFor } from './qemu-argv.ts';
import { hardReset } from './qemu-monitor.ts';
import { type ProcessId, testbedDir } from './state.ts';
import { ensureTools } from './tools.ts';

const gatewayDeadlineMs = 30_000;

/** On x86 a device node alone proves nothing: some machines have one that cannot run such a guest. */
function kvmWorks(): boolean {
  const modules = ['kvm_intel', 'kvm_amd'].some((name) => existsSync(`/sys/module/${name}`));
  if (process.arch !== 'arm64' && !modules) return false;
  return mayUse('/dev/kvm', constants.R_OK | constants.W_OK);
}

const machine = () => machineFor(process.arch, kvmWorks());

function start(name: string, program: string, argv: readonly string[]): ProcessId {
  const child = withLog(name, (log) =>
    spawn(program, argv, { detached: true, cwd: testbedDir(), stdio: ['ignore', log, log] }),
  );
  child.on('error', () => undefined);
  child.unref();
  return identify(child.pid, name);
}

/** Hosts as virtual machines; needs no root. */
export const qemuDriver: Driver = {
  // A panic ends a VM at once. One that lives is only slow, where others load the machine that emulates it.
  bootDeadlineMs: 600_000,
  async prepare(release, progress, signal) {
    await ensureTools('qemu', progress, signal);
    await ensureImage(release, progress, signal);
  },
  async startGateway({ state, signal }, started) {
    const argv = [bundled('testbed-segment.js'), machine().program, ...gatewayArgv(state.id, state.hosts)];
    const gateway = start('gateway', process.execPath, argv);
    started(gateway);
    const alive = () => isAlive(gateway);
    const deadline = Date.now() + gatewayDeadlineMs;
    const ports = state.hosts.map((host) => waitForListener(host.agentPort, deadline, alive, signal));
    if (!(await Promise.all(ports)).every(Boolean)) throw processFailed('gateway', 'did not start');
  },
  startHost({ state }, host) {
    const { program } = machine();
    return start(host.name, program, hostArgv(state.id, host, imageOf(state.release), machine()));
  },
  powerCycle: (host) => hardReset(host.name),
};
