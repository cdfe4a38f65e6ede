import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../controller/lock.ts';
import { listen, waitForListener, waitForSsh } from '../../controller/testbed/ports.ts';
import { identify, isAlive, kill } from '../../controller/testbed/processes.ts';
import { startProgress } from '../../controller/testbed/progress.ts';
import { runTool } from '../../controller/testbed/run-tool.ts';

const never = new AbortController().signal;

describe('processes', () => {
  it('kills a process that it knows', async () => {
    const child = spawn('sleep', ['60']);
    const known = identify(child.pid, 'sleep');
    expect(isAlive(known)).toBe(true);
    await kill(known);
    expect(isAlive(known)).toBe(false);
  });

  it('never kills another process with a recycled pid', async () => {
    const child = spawn('sleep', ['60']);
    const known = identify(child.pid, 'sleep');
    await kill({ pid: known.pid, start: `${known.start}0` });
    expect(isAlive(known)).toBe(true);
    await kill(known);
  });

  it('kills the inside first of one that waits for a child', async () => {
    const child = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const closed = new Promise((resolve) => child.stdout.once('close', resolve));
    // Before that sh might be killed in the middle of the fork.
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await kill(identify(child.pid, 'sh'));
    // The pipe closes when no process holds it any more.
    await closed;
  });

  it('says which one did not start', () => {
    expect(() => identify(undefined, 'vm01')).toThrow('vm01 ended as soon as it was started.');
  });
});

describe('tools', () => {
  it('gives the output', async () => {
    expect(await runTool('cat', [], { input: 'abc' })).toBe('abc');
  });

  it.each([
    ['a failing tool, with its last words', 'sh', ['-c', 'echo sorry >&2; exit 3'], 'ended with exit code 3'],
    ['a missing tool', 'no-such-tool', [], 'could not be started'],
    ['a tool that takes too long', 'sleep', ['60'], 'was ended by SIGTERM'],
  ])('reports %s', async (_, command, args, message) => {
    await expect(runTool(command, args, { timeoutMs: 1_000 })).rejects.toThrow(message);
  });

  it('ends a tool that does not want to', async () => {
    const work = runTool('sh', ['-c', 'trap "" TERM; sleep 60'], { timeoutMs: 1500, graceMs: 100 });
    await expect(work).rejects.toThrow('was ended by SIGKILL');
  });

  it('ends with what it started when aborted', async () => {
    const abort = new AbortController();
    const work = runTool('sh', ['-c', 'sleep 60 & wait'], { signal: abort.signal });
    abort.abort(new Error('stop'));
    await expect(work).rejects.toThrow('stop');
  });
});

describe('lock', () => {
  it('lets one work after the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orch-lock-'));
    const log: string[] = [];
    const work = (name: string) =>
      withLock(join(folder, 'lock'), { timeoutMs: 10_000, code: 'testbed-failed' }, async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        log.push(`${name} ends`);
      });
    await Promise.all([work('a'), work('b')]);
    rmSync(folder, { recursive: true });
    const [first = '', , second = ''] = log.map((line) => line.slice(0, 1));
    expect(log).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  });

  it('gives up on one that is held too long', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orch-lock-'));
    const path = join(folder, 'lock');
    const options = { timeoutMs: 200, code: 'testbed-failed' } as const;
    const nested = () => withLock(path, options, () => Promise.resolve());
    await expect(withLock(path, options, nested)).rejects.toThrow('Another orch holds');
    rmSync(folder, { recursive: true });
  });
});

describe('ports', () => {
  const portOf = (address: unknown) => (address as { port: number }).port;

  it('tells an SSH server from another', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = portOf(server.address());
    expect(await waitForSsh(port, Date.now() + 5_000, () => true, never)).toBe(true);
    server.close();
  });

  it('does not wait for the dead', async () => {
    const server = await listen(0);
    const port = portOf(server.address());
    expect(await waitForListener(port, Date.now() + 5_000, () => true, never)).toBe(true);
    expect(await waitForSsh(port, Date.now() + 5_000, () => false, never)).toBe(false);
    expect(await waitForSsh(port, Date.now() - 1, () => true, never)).toBe(false);
    await expect(listen(port)).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
    server.close();
  });
});

describe('progress', () => {
  it('says what is done and since when', async () => {
    const lines: string[] = [];
    const progress = startProgress((line) => lines.push(line));
    expect(await progress.during('building', Promise.resolve(7))).toBe(7);
    expect(lines).toEqual([expect.stringMatching(/^testbed {3}\d\.\d s {2}building\n$/)]);
  });
});
