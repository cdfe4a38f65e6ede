import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allProcesses, runs } from '../../agent/linux/daemons/processes.ts';
import type { AgentServiceClient, Daemon, LogsResponse, StatusResponse } from '../../proto/gen/orch/v1/agent.ts';
import { RunClient } from '../rpc/run-client.ts';
import { task } from '../rpc/tasks.ts';
import { ask, destroy } from '../rpc/test-agent.ts';
import { AgentHome } from './agent-process.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

const scratch = new ScratchNetns();
let home: AgentHome;
let ns: string;

beforeEach(async () => {
  home = await AgentHome.make();
  ns = scratch.name('d');
  ip('netns', 'add', ns);
});
afterEach(() => {
  for (const pid of ours()) process.kill(pid, 'SIGKILL');
  home.remove();
  scratch.sweep();
});

/** Processes of this test's daemons, by a variable of theirs. */
function ours(): number[] {
  return allProcesses().flatMap(({ pid }) => (environmentOf(pid).includes(`HOME_OF_TEST=${home.folder}`) ? [pid] : []));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function daemon(script: string, more: object = {}) {
  const environment = { HOME_OF_TEST: home.folder };
  const quick = { ready: { seconds: 0.05 }, backoff: { initial: 0.05, max: 0.2 }, stop_timeout: 1 };
  return task(1, 'daemon', [{ name: 'x', netns: ns, argv: ['sh', '-c', script], environment, ...quick, ...more }]);
}

interface Result {
  readonly changed: boolean;
  readonly failed?: boolean;
  readonly msg?: string;
  readonly pid?: number;
}

let count = 0;
async function converge(client: AgentServiceClient, ...tasks: ReturnType<typeof task>[]) {
  const run = new RunClient(client)
    .open('lab', `r${count++}`)
    .tasks(...tasks)
    .close();
  await run.next('closed');
  return run.all('itemDone').map(({ resultJson, diagnostic }) => {
    return { ...(JSON.parse(resultJson) as Result), diagnostic };
  });
}

async function state(client: AgentServiceClient): Promise<Daemon | undefined> {
  const { daemons } = await ask<StatusResponse>((done) => client.status({ lab: '' }, done));
  return daemons[0];
}

async function until(client: AgentServiceClient, holds: (daemon: Daemon | undefined) => boolean): Promise<Daemon> {
  for (;;) {
    const now = await state(client);
    if (holds(now) && now !== undefined) return now;
    await sleep(20);
  }
}

/** What became of daemons when the lab was taken back. */
async function undone(client: AgentServiceClient) {
  return (await destroy(client, 'lab')).filter(({ object }) => object.startsWith('daemon'));
}

test('runs in its namespace, is found unchanged, restarted when it differs, and gone after destroy', async () => {
  await home.serve();
  const client = await home.client();
  const script = 'ip -br link; echo ready; trap "" TERM; sleep 1000 & setsid sleep 1000 & wait';
  const ready = { log: '^ready$', seconds: 0 };
  expect(await converge(client, daemon(script, { ready }))).toMatchObject([{ changed: true }]);
  const first = await state(client);
  expect(first).toMatchObject({ name: 'x', netns: ns, phase: 'running', restarts: 0, ended: '' });
  expect(await converge(client, daemon(script, { ready }))).toMatchObject([{ changed: false, pid: first?.pid }]);
  expect(ours()).toHaveLength(3);
  expect(readFileSync(join(home.stateDir, 'daemons/netns', ns, 'x.log'), 'utf8')).toMatch(/^lo .*\nready\n$/);

  expect(await converge(client, daemon(`${script} # other`, { ready }))).toMatchObject([{ changed: true }]);
  expect(runs(first?.pid ?? 0, 0)).toBe(false);
  expect(ours()).toHaveLength(3);
  expect(await undone(client)).toMatchObject([{ outcome: 1 }]);
  expect(ours()).toEqual([]);
  expect(readdirSync(home.stateDir)).not.toContain('daemons');
});

test('one that crashes is restarted with back-off, given up, and started again by the next run', async () => {
  await home.serve();
  const client = await home.client();
  const crash = join(home.folder, 'crash');
  const script = `echo begin; if [ -e ${crash} ]; then exit 3; fi; exec sleep 1000`;
  // Longer than the test, so that each restart counts on from the one before.
  const give = { give_up: { restarts: 3, within: 60 }, backoff: { initial: 0.05, max: 60 } };
  await converge(client, daemon(script, give));
  process.kill((await state(client))?.pid ?? 0, 'SIGKILL');
  const again = await until(client, (now) => now?.phase === 'running' && now.restarts === 1);
  expect(again.ended).toBe('by SIGKILL');

  writeFileSync(crash, '');
  process.kill(again.pid, 'SIGKILL');
  expect(await until(client, (now) => now?.phase === 'failed' && now.restarts === 3)).toMatchObject({
    ended: 'with status 3',
    pid: 0,
  });
  const log = readFileSync(join(home.stateDir, 'daemons/netns', ns, 'x.log'), 'utf8');
  expect(log.split('\n').filter((line) => line.startsWith('orch:'))).toEqual([
    'orch: x ended by SIGKILL; it is started again in 0.05 s',
    'orch: x ended by SIGKILL; it is started again in 0.1 s',
    'orch: x ended with status 3; it is started again in 0.2 s',
    'orch: x ended with status 3; it was started again 3 times and is given up',
  ]);
  rmSync(crash);
  expect(await converge(client, daemon(script, give))).toMatchObject([{ changed: true }]);
  expect(await state(client)).toMatchObject({ phase: 'running', restarts: 0 });
});

test('one that does not become ready fails its task, says why, and is not left half started', async () => {
  await home.serve();
  const client = await home.client();
  const fail = async (script: string, more: object) => (await converge(client, daemon(script, more)))[0]?.diagnostic;
  // Longer than any machine takes to start a shell: that it ends is what tells.
  const long = { ready: { seconds: 10 } };
  expect(await fail('echo no config >&2; exit 1', long)).toMatchObject({
    summary: 'x did not start: it ended with status 1.',
    detail: expect.stringContaining('no config'),
  });
  expect(await fail('exit 0', long)).toMatchObject({ hint: expect.stringContaining('foreground') });
  expect(await fail('exec sleep 1000', { ready: { port: 7, seconds: 0, timeout: 0.2 } })).toMatchObject({
    summary: 'x did not start: it was not ready within 0.2 s: it does not listen on TCP port 7.',
  });
  expect(await fail('true', { argv: ['no-such-program'] })).toMatchObject({ code: 'unsupported-by-host' });
  expect(await state(client)).toMatchObject({ phase: expect.stringMatching('failed|stopped'), pid: 0 });
  expect(ours()).toEqual([]);
  expect(await undone(client)).toMatchObject([{ outcome: 1 }]);
});

test('outlives an agent that is killed, is taken over, and is started again by the next when it ended meanwhile', async () => {
  const first = await home.serve();
  await converge(await home.client(), daemon('exec sleep 1000'));
  const { pid = 0 } = (await state(await home.client())) ?? {};
  first.child.kill('SIGKILL');
  await first.exit;
  expect(ours()).toEqual([pid]);

  const second = await home.serve();
  let client = await home.client();
  expect(await state(client)).toMatchObject({ phase: 'running', pid, restarts: 0 });
  expect(await converge(client, daemon('exec sleep 1000'))).toMatchObject([{ changed: false, pid }]);
  second.child.kill('SIGTERM');
  expect(await second.exit).toBe(0);
  process.kill(pid, 'SIGKILL');

  const third = await home.serve();
  client = await home.client();
  const again = await until(client, (now) => now?.phase === 'running' && now.restarts === 1);
  expect(again).toMatchObject({ ended: 'while no agent watched' });
  third.child.kill('SIGKILL');
  await third.exit;
  await home.serve();
  await destroy(await home.client(), 'lab');
  expect(ours()).toEqual([]);
});

test('keeps its agent from leaving; a namespace that is removed takes it along', async () => {
  const agent = await home.serve('--idle', '1');
  const client = await home.client();
  const absent = task(2, 'netns', [{ name: ns, state: 'absent' }]);
  const made = task(0, 'netns', [{ name: ns }]);
  await converge(client, made, daemon('exec sleep 1000'));
  await sleep(1500);
  expect(agent.child.exitCode).toBeNull();
  expect(ours()).toHaveLength(1);
  expect(await converge(client, absent)).toMatchObject([{ changed: true }]);
  expect(ours()).toEqual([]);
  expect(await agent.exit).toBe(0);
});

test('its log is kept short, and who follows it loses nothing', async () => {
  await home.serve();
  const client = await home.client();
  const lines = 4000;
  const script = `echo first; i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i of many"; done; echo last; exec sleep 1000`;
  await converge(client, daemon('echo zero; exec sleep 1000', { log_limit: 4096 }));
  const call = client.logs({ name: 'x', netns: ns, lines: 1, follow: true });
  let text = '';
  const followed = (async () => {
    for await (const { chunk } of call as AsyncIterable<LogsResponse>) text += chunk.toString();
  })();
  // In pieces that fit: what is written between two looks must not be more than the log keeps.
  const slow = script.replace('echo "line', '[ $((i % 100)) = 0 ] && sleep 0.02; echo "line');
  await converge(client, daemon(slow, { log_limit: 65_536, ready: { log: '^last$', seconds: 0 } }));
  await sleep(700);
  await destroy(client, 'lab');
  await followed;
  const numbers = [...text.matchAll(/^line (\d+) of many$/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: lines }, (_, at) => at + 1));
  expect(text).toMatch(/^zero\n/);
});
