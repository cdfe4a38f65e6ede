import { existsSync, readdirSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRun } from '../../controller/connect/calls/run-stream.ts';
import { makeConnector } from '../../controller/connect/connector.ts';
import { createManager } from '../../controller/connect/manage.ts';
import { task } from '../rpc/tasks.ts';
import { buildAgent, folder, fresh, never, open, own, runs, settings, target } from './connect-fixture.ts';
import { listen } from './listen.ts';
import { freePort } from './sshd.ts';

describe('an agent', () => {
  it('that was killed is started again', async () => {
    await fresh('killed');
    const first = await open(target());
    process.kill(first.hello.pid, 'SIGKILL');
    const second = await open(target());
    expect(second.warm).toBe(false);
    expect(second.hello.pid).not.toBe(first.hello.pid);
  });

  it('of another version is replaced, and the version before is kept', async () => {
    const agents = () => readdirSync(join(settings.paths.state, 'agent'));
    await fresh('versions');
    await open(target());
    for (const mark of ['two', 'three']) {
      const path = join(folder, `${mark}.cjs`);
      await buildAgent(mark, path);
      const connection = await open(target(), { ...settings, bundlePath: path });
      expect(connection.warm).toBe(false);
      expect(agents()).toContain(connection.hello.bundle);
      expect(agents()).toHaveLength(2);
    }
  });

  it('of another version stays while a run is under way', async () => {
    await fresh('skew');
    const held = await open(target());
    const run = await openRun(held, () => open(target()), { lab: 'lab', run: 'r1', holder: 'me', waitMs: 0 });
    const path = join(folder, 'newer.cjs');
    await buildAgent('newer', path);
    const newer = { ...settings, bundlePath: path };
    await expect(open(target(), newer)).rejects.toMatchObject({ code: 'version-skew', where: { host: 'vm01' } });
    run.close(0, '{}');
    for await (const { message } of run.responses) expect(message?.$case).toBe('closed');
    const after = await open(target(), newer);
    expect(after.hello.bundle).not.toBe(held.hello.bundle);
  });

  it('goes on with a run whose connection broke', async () => {
    await fresh('resume');
    const cut: Socket[] = [];
    const proxy = createServer((socket) => {
      const onward = connectTcp(settings.paths.port, '127.0.0.1');
      cut.push(socket);
      for (const end of [socket, onward]) end.on('error', () => {});
      socket.on('close', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    });
    const through = target({ agentPort: await listen(proxy) });
    const run = await openRun(await open(through), () => open(through), {
      lab: 'lab',
      run: 'r2',
      holder: 'me',
      waitMs: 0,
    });
    const params = { argv: ['sh', '-c', 'echo begun; sleep 1; echo ended'] };
    run.send(task(1, 'command', [params], { lane: 'vm01', batch: 1 }));
    const seen: string[] = [];
    for await (const { message } of run.responses) {
      seen.push(message?.$case ?? '');
      if (message?.$case === 'started') for (const socket of cut) socket.destroy();
      if (message?.$case === 'taskDone') run.close(0, '{}');
    }
    expect(seen.filter((name) => name !== 'output')).toEqual(['started', 'itemDone', 'taskDone', 'closed']);
    expect(cut).toHaveLength(2);
    proxy.close();
  });

  it('serves two workstations', async () => {
    await fresh('two');
    const first = await open(target());
    const other = { ...settings, stateFolder: join(folder, 'two/other') };
    expect(await open(target(), other)).toMatchObject({
      warm: false,
      transport: 'tls',
      hello: { pid: first.hello.pid },
    });
    expect(await open(target(), other)).toMatchObject({ warm: true });
    expect(await open(target())).toMatchObject({ warm: true });
  });

  it('whose port is closed is reached through SSH', async () => {
    await fresh('tunnel');
    const closed = await freePort();
    expect(await open(target({ agentPort: closed }))).toMatchObject({ transport: 'tunnel', warm: false });
    await expect(open(target({ agentPort: closed, transport: 'tls' }))).rejects.toMatchObject({
      code: 'host-unreachable',
      hint: expect.stringContaining('orch_agent_port'),
    });
  });

  it('is reached through a relay where sshd forwards nothing', async () => {
    await fresh('relay');
    const strict = await own(['DisableForwarding yes']);
    expect(await open(target({ transport: 'tunnel' }, strict))).toMatchObject({ transport: 'tunnel' });
  });

  it('is no service where there is no systemd', async () => {
    await fresh('service');
    await expect(createManager(makeConnector(settings)).install(target(), never)).rejects.toMatchObject({
      code: 'unsupported-by-host',
    });
  });

  it('is looked at without a trace', async () => {
    await fresh('look');
    const manager = createManager(makeConnector(settings));
    expect(await manager.look(target(), never)).toMatchObject({ os: 'Linux', installed: false, agent: undefined });
    expect(existsSync(settings.paths.state)).toBe(false);
    const { hello } = await open(target());
    const facts = await manager.look(target(), never);
    expect(facts).toMatchObject({ installed: true, service: false, agent: { pid: hello.pid, bundle: hello.bundle } });
  });

  it('is removed without a trace', async () => {
    await fresh('removed');
    const { hello } = await open(target());
    await createManager(makeConnector(settings)).remove(target(), never);
    expect(existsSync(settings.paths.state)).toBe(false);
    expect(existsSync(settings.paths.run)).toBe(false);
    // Gone, or dead and not yet reaped.
    await expect.poll(() => runs(hello.pid)).toBe(false);
  });

  it('of this very machine is started without SSH, serves by its socket alone, and is met again', async () => {
    await fresh('local');
    const here = target({ connection: 'local', port: 1 });
    const first = await open(here);
    try {
      expect(first).toMatchObject({ transport: 'tunnel', warm: false });
      expect(existsSync(settings.paths.state)).toBe(false);
      const again = await open(here);
      expect(again).toMatchObject({ warm: true, hello: { pid: first.hello.pid } });
    } finally {
      process.kill(first.hello.pid);
    }
  });

  it('of this very machine gives way to one of another version', async () => {
    await fresh('local-skew');
    const here = target({ connection: 'local' });
    const first = await open(here);
    const path = join(folder, 'local-newer.cjs');
    await buildAgent('local-newer', path);
    const second = await open(here, { ...settings, bundlePath: path });
    try {
      expect(second.hello.bundle).not.toBe(first.hello.bundle);
      await expect.poll(() => runs(first.hello.pid)).toBe(false);
    } finally {
      process.kill(second.hello.pid);
    }
  });
});
