import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRun } from '../../controller/connect/calls/run-stream.ts';
import { makeConnector } from '../../controller/connect/connector.ts';
import { createManager } from '../../controller/connect/manage.ts';
import { task } from '../rpc/tasks.ts';
import { buildAgent, file, folder, fresh, never, open, own, settings, target } from './connect-fixture.ts';
import type { TestSshd } from './sshd.ts';

/** Plays systemd: starts what the unit says, ends it, and keeps a log of what it was told. */
const systemctl = String.raw`#!/bin/sh
unit=/etc/systemd/system/orch-agent.service
echo "$@" >>"$LOG"
stop() { [ -f "$RUN/agent.json" ] && kill "$(sed 's/.*"pid":\([0-9]*\).*/\1/' "$RUN/agent.json")"; }
case "$1" in
restart) setsid $(sed -n 's/^ExecStart=//p' "$unit") </dev/null >/dev/null 2>&1 & ;;
stop | disable) stop ;;
esac
exit 0
`;

async function systemdHost(): Promise<TestSshd> {
  const bin = join(folder, 'systemd');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'systemctl'), systemctl);
  chmodSync(join(bin, 'systemctl'), 0o755);
  const config = [`SetEnv PATH=${bin}:/usr/sbin:/usr/bin LOG=${join(folder, 'told')} RUN=${settings.paths.run}`];
  return own(
    config,
    'for d in /run /etc/systemd; do mount -t tmpfs tmpfs $d; done; mkdir -p /run/sshd /run/systemd/system /etc/systemd/system',
  );
}

describe('the agent as a service', () => {
  it('is installed, replaced by another version, and removed', async () => {
    await fresh('service');
    const host = await systemdHost();
    const transient = await open(target({}, host));
    const manager = createManager(makeConnector(settings));
    const { agent } = await manager.install(target({}, host), never);
    expect(agent.pid).not.toBe(transient.hello.pid);
    expect(await open(target({}, host))).toMatchObject({ hello: { mode: 'service', pid: agent.pid } });
    expect(await manager.look(target({}, host), never)).toMatchObject({ service: true, systemd: true });

    const newer = join(folder, 'service-newer.cjs');
    await buildAgent('service-newer', newer);
    const replaced = await open(target({}, host), { ...settings, bundlePath: newer });
    expect(replaced.hello).toMatchObject({ mode: 'service' });
    expect(replaced.hello.bundle).not.toBe(agent.bundle);

    await manager.remove(target({}, host), never);
    expect(existsSync(settings.paths.state)).toBe(false);
    const told = readFileSync(join(folder, 'told'), 'utf8').split('\n');
    expect(told).toContain('enable --quiet orch-agent.service');
    expect(told).toContain('disable --now --quiet orch-agent.service');
  });
});

describe('orch agent', () => {
  const orch = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, XDG_STATE_HOME: join(folder, 'home') };
      execFile(process.execPath, ['dist/orch.js', 'agent', ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });

  it('says where agents are, and removes none that still has something to undo', async () => {
    await fresh('command');
    const places = 'for d in /var/lib /run; do mount -t tmpfs tmpfs $d; done; mkdir /run/sshd';
    // A network of its own for what runs there: the agent's usual port may be taken on this machine.
    const host = await own(['ForceCommand exec unshare -n sh -c "$SSH_ORIGINAL_COMMAND"'], places);
    const inventory = file(
      'inventory.yml',
      JSON.stringify({
        all: {
          hosts: {
            vm01: {
              ansible_host: '127.0.0.1',
              ansible_port: host.port,
              ansible_user: 'root',
              ansible_ssh_private_key_file: host.key,
              orch_transport: 'tunnel',
              ansible_ssh_common_args: `-F none -o UserKnownHostsFile=${host.knownHosts}`,
            },
            vm02: { ansible_host: '127.0.0.1', ansible_port: 1 },
          },
        },
      }),
    );
    expect(await orch('status', '-i', inventory)).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^vm01 {2}absent/),
      stderr: expect.stringContaining('vm02: No connection to 127.0.0.1 port 1'),
    });

    const bundlePath = join(import.meta.dirname, '../../dist/agent.cjs');
    const paths = { state: '/var/lib/orch', run: '/run/orch', port: 7411 };
    const from = { ...settings, bundlePath, paths, stateFolder: join(folder, 'home/orch') };
    const connection = await open(target({ transport: 'tunnel' }, host), from);
    const run = await openRun(connection, async () => connection, { lab: 'lab', run: 'r', holder: 'me', waitMs: 0 });
    const params = { path: join(folder, 'owned'), state: 'directory' };
    run.send(task(1, 'file', [params], { lane: 'vm01', batch: 1 }));
    run.close(0, '{}');
    for await (const { message } of run.responses) expect(message?.$case).not.toBe('dropped');

    const serving = (await orch('status', '-i', inventory, '-l', 'vm01')).stdout;
    expect(serving).toMatch(/^vm01 {2}serving .*this version/);
    expect(await orch('remove', '-i', inventory, '-l', 'vm01')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Labs still own things here: lab (1)'),
    });
    expect(await orch('remove', '-i', inventory, '-l', 'vm01', '--force')).toMatchObject({ code: 0 });
    expect((await orch('status', '-i', inventory, '-l', 'vm01')).stdout).toMatch(/^vm01 {2}absent/);
  });
});
