import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConnect } from '../../controller/connect/connect.ts';
import { type ConnectorSettings, makeConnector } from '../../controller/connect/connector.ts';
import { createManager } from '../../controller/connect/manage.ts';
import { openRun } from '../../controller/connect/run-stream.ts';
import type { AgentConnection, Target } from '../../controller/connect/types.ts';
import { Task } from '../../proto/gen/orch/v1/agent.ts';
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
    entryPoints: ['agent/main.ts'],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
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

function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** A workstation file that only this test has. */
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function own(...args: Parameters<typeof startSshd>): Promise<TestSshd> {
  const started = await startSshd(...args);
  others.push(started);
  return started;
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

  it('is refused while its key is unknown; the option that accepts it adds it to known_hosts', async () => {
    await fresh('unknown-key');
    const sshArgs = ['-F', 'none', '-o', `UserKnownHostsFile=${file('empty', '')}`];
    const print = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host.pub')], { encoding: 'utf8' }).split(
      ' ',
    )[1];
    await expect(open(target({ sshArgs }))).rejects.toMatchObject({
      code: 'host-key-unknown',
      summary: expect.stringContaining(print ?? '-'),
      hint: expect.stringContaining('--accept-host-key'),
    });
    await open(target({ sshArgs, unknownHostKey: 'accept-new' }));
    rmSync(join(settings.stateFolder, 'hosts'), { recursive: true });
    expect(await open(target({ sshArgs }))).toMatchObject({ warm: false });
  });

  it('is refused when its key has changed', async () => {
    await fresh('changed-key');
    const wrong = `[127.0.0.1]:${sshd.port} ${readFileSync(`${sshd.key}.pub`, 'utf8')}`;
    const sshArgs = ['-F', 'none', '-o', `UserKnownHostsFile=${file('wrong', wrong)}`];
    await expect(open(target({ sshArgs, unknownHostKey: 'accept-new' }))).rejects.toMatchObject({
      code: 'host-key-changed',
      where: { host: 'vm01' },
    });
  });

  it('has to let the user in', async () => {
    await fresh('auth');
    const encrypted = join(folder, 'encrypted');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', encrypted]);
    await expect(open(target({ keyFile: encrypted }))).rejects.toMatchObject({
      code: 'auth-failed',
      detail: expect.stringContaining(`key ${encrypted} (encrypted, and there is no terminal`),
    });
    await expect(open(target({ keyFile: join(sshd.folder, 'host') }))).rejects.toMatchObject({
      code: 'auth-failed',
      detail: expect.stringMatching(/tried: key .*host.*\nthe host allows: publickey/s),
    });
  });

  it('may stand behind a jump host', async () => {
    await fresh('jump');
    const config = file(
      'jump-config',
      [
        'Host jump',
        'HostName 127.0.0.1',
        `Port ${sshd.port}`,
        'User root',
        `IdentityFile ${sshd.key}`,
        'Host *',
        `UserKnownHostsFile ${sshd.knownHosts}`,
        '',
      ].join('\n'),
    );
    const connection = await open(target({ sshArgs: ['-F', config, '-o', 'ProxyJump=jump'] }));
    expect(connection).toMatchObject({ transport: 'tunnel', warm: false });
  });

  it('may stand behind a command, and let the user in by ssh-agent', async () => {
    await fresh('proxy-command');
    const socket = join(folder, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    await expect.poll(() => existsSync(socket)).toBe(true);
    execFileSync('ssh-add', ['-q', sshd.key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const config = file('proxy-config', `Host vm01\n  HostName 127.0.0.1\n  IdentityAgent ${socket}\n`);
    const script = file(
      'relay.cjs',
      "const s = require('net').connect(process.argv[3], process.argv[2]); process.stdin.pipe(s).pipe(process.stdout);",
    );
    const sshArgs = [
      ...['-F', config, '-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'IdentityFile=none'],
      ...['-o', `ProxyCommand=node ${script} %h %p`],
    ];
    const connection = await open(target({ address: 'vm01', keyFile: undefined, sshArgs }));
    expect(connection).toMatchObject({ transport: 'tunnel', warm: false });
    agent.kill();
  });

  it('without Node gets one brought along', async () => {
    await fresh('no-node');
    const bin = join(folder, 'bin');
    const link = 'mkdir "$1"; ln -s /usr/bin/* "$1"; rm "$1/node"';
    execFileSync('sh', ['-c', link, 'sh', bin]);
    const bare = await own([`SetEnv PATH=${bin}`]);
    const connection = await open(target({ timeoutMs: 20_000 }, bare));
    const [runtime] = readdirSync(join(settings.paths.state, 'node'));
    expect(runtime).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(`/proc/${connection.hello.pid}/cmdline`, 'utf8')).toContain(`${runtime}/node`);
    await fresh('no-runtime');
    const foreign = file('foreign-node', 'no program');
    await expect(open(target({ nodeBinary: foreign }, bare))).rejects.toMatchObject({
      code: 'no-runtime',
    });
  });

  it('with a full disk is told so', async () => {
    const state = join(folder, 'small');
    await fresh('full', state);
    const full = await own([], `mkdir -p ${state}; mount -t tmpfs -o size=64k tmpfs ${state}`);
    await expect(open(target({}, full))).rejects.toMatchObject({
      code: 'bootstrap-failed',
      summary: expect.stringContaining(`The disk is full: ${state} has`),
    });
  });
});

describe('a host that does not answer', () => {
  it('refuses the port', async () => {
    await fresh('refused');
    await expect(open(target({ port: await freePort() }))).rejects.toMatchObject({
      code: 'host-unreachable',
      summary: expect.stringContaining('connection refused'),
      where: { host: 'vm01' },
    });
  });

  it('hangs after it accepted', async () => {
    await fresh('hangs');
    const silent = createServer(() => {});
    const port = await listen(silent);
    await expect(open(target({ port, timeoutMs: 300 }))).rejects.toMatchObject({ code: 'connect-timeout' });
    silent.close();
  });

  it('drops connections for a while', async () => {
    await fresh('drops');
    let dropped = 0;
    const dropping = createServer((socket) => {
      dropped += 1;
      socket.destroy();
    });
    const port = await listen(dropping);
    await expect(open(target({ port }))).rejects.toMatchObject({
      code: 'host-unreachable',
      hint: expect.stringContaining('MaxStartups'),
    });
    expect(dropped).toBe(5);
    dropping.close();
  });

  it('is left when the run is interrupted', async () => {
    await fresh('interrupted');
    const silent = createServer(() => {});
    const port = await listen(silent);
    const work = createConnect(settings)(target({ port }), AbortSignal.timeout(200));
    await expect(work).rejects.toMatchObject({ code: 'interrupted' });
    silent.close();
  });
});

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
    const paramsJson = JSON.stringify({ argv: ['sh', '-c', 'echo begun; sleep 1; echo ended'] });
    run.send(Task.fromPartial({ id: 1, lane: 'vm01', batch: 1, module: 'command', items: [{ paramsJson }] }));
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

  it('runs on this very machine without SSH', async () => {
    await fresh('local');
    expect(await open(target({ connection: 'local', port: 1 }))).toMatchObject({ transport: 'tls', warm: false });
  });
});

describe('a user who is not root', () => {
  /** Users of its own for one sshd: root's files stay as they are. */
  const users = (sudoers: string) => {
    const hash = execFileSync('openssl', ['passwd', '-6', 'sesame'], { encoding: 'utf8' }).trim();
    const line = (path: string, text: string) =>
      `{ cat ${path}; echo '${text}'; } >"$f"; chmod --reference=${path} "$f"; chgrp --reference=${path} "$f"; mount --bind "$f" ${path}`;
    return [
      `f=$(mktemp); ${line('/etc/passwd', 'lab:x:4711:4711::/tmp:/bin/sh')}`,
      `f=$(mktemp); ${line('/etc/shadow', `lab:${hash}:19000:0:99999:7:::`)}`,
      `f=$(mktemp); ${line('/etc/sudoers', sudoers)}`,
    ].join('\n');
  };

  it('becomes root by sudo, with a password where it asks for one', async () => {
    await fresh('sudo');
    const sudo = await own([], users('lab ALL=(ALL) ALL'));
    const lab = { user: 'lab', becomePassword: async () => 'sesame' };
    expect(await open(target(lab, sudo))).toMatchObject({ transport: 'tls' });
    expect(await open(target({ ...lab, transport: 'tunnel' }, sudo))).toMatchObject({ transport: 'tunnel' });
    const wrong = open(target({ ...lab, transport: 'tunnel', becomePassword: async () => 'open' }, sudo));
    await expect(wrong).rejects.toMatchObject({ code: 'become-failed', summary: 'sudo refused the password.' });
    const none = open(target({ user: 'lab', transport: 'tunnel' }, sudo));
    await expect(none).rejects.toMatchObject({ code: 'become-failed', summary: 'sudo asks for a password.' });
  });

  it('is told when sudo does not let them', async () => {
    await fresh('no-sudo');
    const sudo = await own([], users('lab ALL=(ALL) NOPASSWD: /bin/true'));
    const lab = { user: 'lab', becomePassword: async () => 'sesame' };
    await expect(open(target(lab, sudo))).rejects.toMatchObject({ code: 'become-failed', where: { host: 'vm01' } });
  });

  it('may log in by password', async () => {
    await fresh('password');
    const sudo = await own(['PasswordAuthentication yes'], users('lab ALL=(ALL) NOPASSWD: ALL'));
    const password = async () => 'sesame';
    const connection = await open(target({ user: 'lab', keyFile: join(folder, 'absent'), password }, sudo));
    expect(connection.transport).toBe('tls');
  });
});
