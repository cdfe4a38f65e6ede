import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { thrifty } from '../../agent/thrift.ts';
import {
  type AgentServiceClient,
  type HelloResponse,
  Status,
  type StatusResponse,
  type StopResponse,
} from '../../proto/gen/orch/v1/agent.ts';
import { protocol, version } from '../../proto/version.ts';
import { RunClient } from '../rpc/run-client.ts';
import { task } from '../rpc/tasks.ts';
import { ask, destroy } from '../rpc/test-agent.ts';
import { AgentHome, builtAgent } from './agent-process.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

const scratch = new ScratchNetns();
let home: AgentHome;

beforeEach(async () => {
  home = await AgentHome.make();
});
afterEach(() => {
  home.remove();
  scratch.sweep();
});

const hello = (client: AgentServiceClient) =>
  ask<HelloResponse>((done) => client.hello({ protocol, bundle: '' }, done));

describe('the process', () => {
  test("is started without flags of V8, under which Node's own compiled modules are of no use", () => {
    // V8 takes a compiled form only under the flags that it was made with: those that an agent sets itself, and no other.
    const looking = `
      const { readFileSync } = require('node:fs');
      for (const flag of ${JSON.stringify(thrifty)}) require('node:v8').setFlagsFromString(flag);
      const [source, cachedData] = [readFileSync('agent-program.cjs', 'latin1'), readFileSync('agent.cache')];
      console.log(new (require('node:vm').Script)(source, { cachedData }).cachedDataRejected);`;
    const said = execFileSync(process.execPath, ['-e', looking], { cwd: dirname(builtAgent), encoding: 'utf8' });
    expect(said).toBe('false\n');
  });

  test("loads what Node itself brings along before it sets V8's flags", async () => {
    const seen = join(home.folder, 'loaded-later.json');
    const watch = join(home.folder, 'watch.cjs');
    writeFileSync(
      watch,
      `const v8 = require('node:v8');
      const set = v8.setFlagsFromString;
      let before;
      v8.setFlagsFromString = (flag) => { before ??= process.moduleLoadList.length; set(flag); };
      process.on('exit', () => {
        const later = process.moduleLoadList.slice(before).filter((name) => name.startsWith('NativeModule'));
        require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(later));
      });`,
    );
    process.env.NODE_OPTIONS = `--require ${watch}`;
    const agent = await home.serve().finally(() => delete process.env.NODE_OPTIONS);
    const looks: readonly [string, unknown][] = [
      ['link', { name: 'lo', state: 'up' }],
      ['address', { address: '127.0.0.1/8', dev: 'lo' }],
      ['route', { dst: '192.0.2.0/24', dev: 'lo' }],
      ['sysctl', { name: 'net.ipv4.ip_forward', value: '1' }],
    ];
    const tasks = looks.map(([module, params], at) => task(at + 1, module, [params], { check: true }));
    await new RunClient(await home.client())
      .open('looks', 'looks')
      .tasks(...tasks)
      .close()
      .next('closed');
    agent.child.kill('SIGTERM');
    await agent.exit;
    // The socket's file is removed when the agent ends.
    const later: string[] = JSON.parse(readFileSync(seen, 'utf8'));
    expect(later.filter((name) => name !== 'NativeModule internal/fs/rimraf')).toEqual([]);
  });

  test('serves over TCP and the socket, says so, and leaves nothing behind', async () => {
    const agent = await home.serve();
    const { serving } = home;
    const hash = createHash('sha256').update(readFileSync(builtAgent)).digest('hex');
    expect(serving).toMatchObject({ pid: agent.child.pid, version, bundle: hash });
    expect(JSON.parse(home.run('version'))).toEqual({ version, protocol, bundle: hash });
    expect(statSync(home.socket).mode & 0o777).toBe(0o600);
    expect(statSync(home.runDir).mode & 0o777).toBe(0o700);
    expect(await hello(await home.client())).toMatchObject({ bundle: hash, pid: serving.pid });
    expect(await hello(await home.client(`unix:${home.socket}`))).toMatchObject({ pid: serving.pid });
    agent.child.kill('SIGTERM');
    expect(await agent.exit).toBe(0);
    expect(home.runFiles).toEqual([]);
  });

  test('hands programs a login of its own: no group or world bits taken away, nothing of who started it', async () => {
    process.env.ORCH_TEST_TOKEN = 'secret';
    await home.serve();
    delete process.env.ORCH_TEST_TOKEN;
    const argv = ['sh', '-c', 'umask; echo "token: $ORCH_TEST_TOKEN"; cat'];
    const run = new RunClient(await home.client())
      .open('lab', 'r1')
      .tasks(task(1, 'command', [{ argv }]))
      .close();
    await run.next('closed');
    const [done] = run.all('itemDone');
    expect(JSON.parse(done?.resultJson ?? '')).toMatchObject({ rc: 0, stdout: '0022\ntoken: ' });
  });

  test('the bridge carries a connection over standard input and output', async () => {
    const { child } = await home.serve();
    const relay = createServer((socket) => {
      const bridge = spawn(process.execPath, [builtAgent, 'bridge', '--run', home.runDir], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      socket.pipe(bridge.stdin);
      bridge.stdout.pipe(socket);
      socket.on('error', () => undefined);
      bridge.stdin.on('error', () => undefined);
    });
    const path = join(home.folder, 'relay.sock');
    await new Promise<void>((resolve) => relay.listen(path, resolve));
    try {
      expect(await hello(await home.client(`unix:${path}`))).toMatchObject({ pid: child.pid });
    } finally {
      relay.close();
    }
  });

  test('a second one leaves the first alone', async () => {
    const first = await home.serve();
    const second = await home.serve();
    expect(await second.exit).toBe(0);
    expect(second.output).toContain(`serves here already (pid ${first.child.pid})`);
    expect(home.runFiles).toHaveLength(2);
  });

  test('takes over from one that was killed', async () => {
    const first = await home.serve();
    first.child.kill('SIGKILL');
    await first.exit;
    const second = await home.serve();
    expect(home.serving.pid).toBe(second.child.pid);
    expect(await hello(await home.client())).toMatchObject({ pid: second.child.pid });
  });

  test('takes another port where anybody has taken its own', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, () => resolve((taken.address() as { port: number }).port));
    });
    const { child } = await home.serve('--port', String(port));
    expect(home.serving.port).not.toBe(port);
    expect(await hello(await home.client())).toMatchObject({ pid: child.pid });
    taken.close();
  });

  test('says what is wrong and ends with 1', async () => {
    const strange = await home.serve('--bind', '192.0.2.1', '--port', '7411');
    expect(await strange.exit).toBe(1);
    expect(strange.output).toContain('Port 7411 cannot be listened on: listen EADDRNOTAVAIL');
    rmSync(join(home.stateDir, 'tls/agent.pem'));
    const bare = await home.serve();
    expect(await bare.exit).toBe(1);
    expect(bare.output).toContain('cannot be used: ENOENT');
    const wrong = await home.serve('--idle', 'soon');
    expect(wrong.output).toContain('--idle takes a number');
    expect(await wrong.exit).toBe(1);
  });

  test('leaves when idle, and when told to', async () => {
    const idle = await home.serve('--idle', '1');
    expect(await idle.exit).toBe(0);
    const told = await home.serve();
    const client = await home.client();
    const answer = await ask<StopResponse>((done) => client.stop({ force: false }, done));
    expect(answer).toMatchObject({ stopping: true });
    expect(await told.exit).toBe(0);
    expect(home.runFiles).toEqual([]);
  });

  test('speaks nothing but TLS, and survives noise', async () => {
    await home.serve();
    const socket = connect(home.serving.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    expect(await hello(await home.client())).toMatchObject({ protocol });
  });

  test('is as small as it must be', async () => {
    await home.serve();
    const client = await home.client();
    const { rssBytes } = await ask<StatusResponse>((done) => client.status({ lab: '' }, done));
    // Since Node 24 its own file alone takes 7 MB more.
    const megabytes = Number.parseInt(process.versions.node, 10) < 24 ? 65 : 75;
    expect(rssBytes).toBeLessThan(megabytes * 1024 * 1024);
    expect(statSync(builtAgent).size).toBeLessThan(1024 * 1024);
  });
});

describe('a lab in real namespaces', () => {
  const lab = (a: string, b: string) => [
    task(1, 'netns', [{ name: a }, { name: b }]),
    task(2, 'veth', [{ name: 'v0', peer: 'v1', netns: a, state: 'up' }]),
    task(3, 'address', [{ address: '10.9.9.1/24', dev: 'v0', netns: a }]),
    task(4, 'sysctl', [{ name: 'net.ipv4.conf.v0.rp_filter', value: '2', netns: a }]),
  ];

  async function converge(client: AgentServiceClient, run: string, tasks = lab(scratch.name('a'), scratch.name('b'))) {
    const stream = new RunClient(client)
      .open('lab', run)
      .tasks(...tasks)
      .close();
    await stream.next('closed');
    return stream;
  }

  test('is made, found unchanged, and taken back', async () => {
    await home.serve();
    const client = await home.client();
    const before = scratch.present();
    const first = await converge(client, 'r1');
    expect(first.all('itemDone').map(({ diagnostic }) => diagnostic?.summary ?? '')).toEqual(['', '', '', '', '']);
    expect(first.all('taskDone').map(({ status }) => status)).toEqual(Array(4).fill(Status.CHANGED));
    expect(ip('-n', scratch.name('a'), 'address', 'show', 'dev', 'v0')).toContain('10.9.9.1/24');

    const second = await converge(client, 'r2');
    expect(second.all('taskDone').map(({ status }) => status)).toEqual(Array(4).fill(Status.OK));
    const taken = await destroy(client, 'lab');
    expect(taken.filter(({ outcome, proof }) => outcome !== 1 && proof === undefined)).toEqual([]);
    expect(taken.at(-1)?.proof).toMatchObject({ differences: [] });
    expect(scratch.present()).toEqual(before);
    expect(readdirSync(join(home.stateDir, 'labs'))).toEqual([]);
  });

  test('is left alone when the ledger has no room', async () => {
    const labs = join(home.stateDir, 'labs');
    mkdirSync(labs);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', labs]);
    try {
      writeFileSync(join(labs, 'filler'), Buffer.alloc(16_384));
    } catch {
      // Full, as wanted.
    }
    try {
      const agent = await home.serve();
      const run = await converge(await home.client(), 'r1');
      expect(run.all('itemDone')).toMatchObject([
        { diagnostic: { code: 'ledger-failed' } },
        { diagnostic: { code: 'ledger-failed' } },
      ]);
      expect(scratch.present()).toEqual([]);
      agent.child.kill('SIGTERM');
      await agent.exit;
    } finally {
      execFileSync('umount', [labs]);
    }
  });

  test('is taken back although the agent was killed in the middle', async () => {
    const first = await home.serve();
    // So many that the word of the first comes long before the last is made.
    const many = Array.from({ length: 1000 }, (_, at) => ({ name: scratch.name(`k${at}`) }));
    const run = new RunClient(await home.client()).open('lab', 'r1').tasks(task(1, 'netns', many));
    await run.next('itemDone', ({ item }) => item === 3);
    first.child.kill('SIGKILL');
    await first.exit;
    const made = scratch.present().length;
    expect(made).toBeGreaterThanOrEqual(4);
    expect(made).toBeLessThan(many.length);

    await home.serve();
    const client = await home.client();
    const again = await converge(client, 'r2', [task(1, 'netns', many.slice(0, 10))]);
    expect(again.all('taskDone').map(({ status }) => status)).not.toContain(Status.FAILED);
    await destroy(client, 'lab');
    expect(scratch.present()).toEqual([]);
    expect(readdirSync(join(home.stateDir, 'labs'))).toEqual([]);
  });
});
