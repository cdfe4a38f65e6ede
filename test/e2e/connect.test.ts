import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeOptions } from '../../controller/connect/agent-paths.ts';
import { createConnect } from '../../controller/connect/connect.ts';
import { file, folder, fresh, open, own, settings, sshd, target } from './connect-fixture.ts';
import { listen } from './listen.ts';
import { freePort } from './sshd.ts';

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

  it('has an agent that keeps nothing of the login that brought it', async () => {
    await fresh('detached');
    const { hello } = await open(target());
    const { state, run, port } = settings.paths;
    const proc = `/proc/${hello.pid}`;
    const opened = (fd: string) => readlinkSync(`${proc}/fd/${fd}`);
    expect(['0', '1', '2'].map(opened)).toEqual(['/dev/null', '/dev/null', join(state, 'agent.log')]);
    const files = readdirSync(`${proc}/fd`).map(opened);
    expect(files.filter((path) => path.startsWith(state))).toEqual([join(state, 'agent.log')]);
    expect(files.filter((path) => path.startsWith('pipe:')).length % 2).toBe(0);
    // session, the sixth word of stat (proc(5))
    expect(readFileSync(`${proc}/stat`, 'utf8').split(' ')[5]).toBe(`${hello.pid}`);
    const program = join(state, 'agent', hello.bundle, 'agent.cjs');
    const words = [process.execPath, ...nodeOptions, program, 'serve', '--state', state, '--run', run, '--port', port];
    expect(readFileSync(`${proc}/cmdline`, 'latin1').split(/[\0 ]/).filter(Boolean)).toEqual(words.map(String));
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
    const certified = join(folder, 'certified');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', certified]);
    execFileSync('ssh-keygen', ['-q', '-s', join(sshd.folder, 'host'), '-I', 'me', '-n', 'root', `${certified}.pub`]);
    await expect(open(target({ keyFile: certified }))).rejects.toMatchObject({
      code: 'auth-failed',
      detail: expect.stringContaining(`key ${certified} (not its certificate: orch presents none)`),
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

  it('may have login files that print', async () => {
    await fresh('noise');
    const noisy = await own(['ForceCommand printf "welcome\\nto vm01"; exec sh -c "$SSH_ORIGINAL_COMMAND"']);
    expect(await open(target({}, noisy))).toMatchObject({ warm: false });
  });

  it('whose Node is too old gets one brought along', async () => {
    await fresh('old-node');
    const bin = join(folder, 'bin');
    const link = 'mkdir "$1"; ln -s /usr/bin/* "$1"; rm "$1/node"; ln -s "$2" "$1/node"';
    const old = file('old-node.sh', '#!/bin/sh\necho v18.20.4\n');
    chmodSync(old, 0o700);
    execFileSync('sh', ['-c', link, 'sh', bin, old]);
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
