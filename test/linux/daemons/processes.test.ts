import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { endProcesses } from '../../../agent/linux/daemons/end-processes.ts';
import { listeningInodes, listens } from '../../../agent/linux/daemons/listening.ts';
import { markOf, membersOf, parseStat, processStat, runs } from '../../../agent/linux/daemons/processes.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A shell of its own session that says when it is ready. */
async function start(script: string, mark: string): Promise<number> {
  const env = { ...process.env, ORCH_DAEMON: mark };
  const child = spawn('sh', ['-c', script], { detached: true, env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

test('the name of a program cannot pass for other fields', () => {
  const fields = 'S 7 42 41 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 1';
  const expected = { pid: 42, parent: 7, session: 41, startTime: 987_654, dead: false, stopped: false };
  expect(parseStat(`42 (a) Z 1) ${fields}`)).toEqual(expected);
  expect(parseStat(`42 (a b) ${fields.replace('S', 'Z')}`)).toEqual({ ...expected, dead: true });
  expect(parseStat(`42 (T) ${fields.replace('S', 'T')}`)).toEqual({ ...expected, stopped: true });
  expect(parseStat('')).toBeUndefined();
});

test('a process is known by number and start time', () => {
  const own = processStat(process.pid);
  expect(own).toMatchObject({ pid: process.pid, parent: process.ppid, dead: false });
  expect(runs(process.pid, own?.startTime ?? 0)).toBe(true);
  expect(runs(process.pid, 1)).toBe(false);
  expect(markOf(process.pid)).toBe(process.env.ORCH_DAEMON);
});

test('all that a daemon started is found and ended: in the session, out of it, and deaf to signals', async () => {
  const mark = `test-${process.pid}`;
  const other = await start('echo; exec sleep 1000', `${mark}-other`);
  const leader = await start("trap '' TERM; sleep 1000 & setsid sleep 1000 & echo; wait", mark);
  const members = membersOf(mark, leader);
  expect(members.length).toBeGreaterThanOrEqual(3);
  await endProcesses({ mark, leader, signal: 'SIGTERM', timeoutMs: 100 });
  expect(membersOf(mark, leader)).toEqual([]);
  expect(members.filter(({ pid, startTime }) => runs(pid, startTime))).toEqual([]);
  expect(processStat(other)?.dead).toBe(false);
});

test('sockets that listen are told from others', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 8123 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F40 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000     0        0 8124 1 0000000000000000 20 4 30 10 -1
   2: 00000000:01F4 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 8125 1 0000000000000000 100 0 0 10 0
`;
  expect(listeningInodes(table, 8000)).toEqual(['8123']);
  expect(listeningInodes(table, 500)).toEqual(['8125']);
  expect(listeningInodes(table, 80)).toEqual([]);
});

test("a port counts when it is the daemon's own", async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const stranger = await start('echo; exec sleep 1000', `test-${process.pid}-stranger`);
  expect(listens([process.pid], port)).toBe(true);
  expect(listens([stranger], port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(listens([process.pid], port)).toBe(false);
});
