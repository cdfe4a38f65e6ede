import { credentials, type Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openRun } from '../../controller/connect/calls/run-stream.ts';
import type { AgentConnection } from '../../controller/connect/types.ts';
import { AgentServiceClient, type RunRequest, type RunResponse } from '../../proto/gen/orch/v1/agent.ts';
import { task as plainTask } from '../rpc/tasks.ts';
import { helloOfFake, serveFake } from './fake-agent.ts';

type Stream = ServerDuplexStream<RunRequest, RunResponse>;
const open = { lab: 'lab', run: 'r1', holder: 'me@here:1', waitMs: 0 };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

/** An agent whose nth stream is played by the nth script. */
async function agent(...scripts: ((call: Stream, request: RunRequest) => void)[]) {
  let streams = 0;
  const { port, server } = await serveFake('127.0.0.1:0', ServerCredentials.createInsecure(), {
    run: (call) => {
      const script = scripts[streams++];
      call.on('data', (request: RunRequest) => script?.(call, request));
      call.on('error', () => {});
    },
  });
  servers.push(server);
  const connect = async (): Promise<AgentConnection> => {
    const client = new AgentServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return {
      host: 'vm01',
      hello: helloOfFake,
      client,
      transport: 'tls',
      warm: true,
      close: async () => client.close(),
    };
  };
  return { connect, streams: () => streams };
}

const opened = (seq: number, heldBy = ''): RunResponse => ({ seq, message: { $case: 'opened', value: { heldBy } } });
const done = (seq: number, task: number): RunResponse => ({
  seq,
  message: { $case: 'taskDone', value: { task, status: 1 } },
});
const closed = (seq: number): RunResponse => ({ seq, message: { $case: 'closed', value: {} } });
const task = (id: number) => plainTask(id, 'ping', []);

async function seqs(responses: AsyncIterable<RunResponse>): Promise<number[]> {
  const seen: number[] = [];
  for await (const response of responses) seen.push(response.seq);
  return seen;
}

describe('openRun', () => {
  it('says how long it has waited for an agent that does not open the run', async () => {
    const { connect } = await agent(() => vi.advanceTimersByTime(10_000));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const opening = openRun(await connect(), connect, open);
      await expect(opening).rejects.toMatchObject({
        code: 'connection-lost',
        summary: 'The agent did not take the lab within 10 s.',
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it('hands on what the agent says until it has closed', async () => {
    const { connect } = await agent((call, { message }) => {
      if (message?.$case === 'open') call.write(opened(1));
      if (message?.$case === 'task') call.write(done(1 + message.value.id, message.value.id));
      if (message?.$case === 'close') {
        call.write(closed(3));
        call.end();
      }
    });
    const run = await openRun(await connect(), connect, open);
    run.send(task(1));
    run.close(0, '{}');
    expect(await seqs(run.responses)).toEqual([2, 3]);
  });

  it('sends the tasks of a turn as one message, and takes responses that come as one', async () => {
    const heard: (string | undefined)[] = [];
    const { connect } = await agent((call, { message }) => {
      heard.push(message?.$case);
      if (message?.$case === 'open') call.write(opened(1));
      if (message?.$case === 'tasks') {
        const responses = message.value.tasks.map(({ id }) => done(1 + id, id));
        call.write({ seq: 3, message: { $case: 'batch', value: { responses } } });
      }
      if (message?.$case === 'close') {
        call.write({ seq: 4, message: { $case: 'batch', value: { responses: [done(3, 2), closed(4)] } } });
        call.end();
      }
    });
    const run = await openRun(await connect(), connect, open);
    run.send(task(1));
    run.send(task(2));
    run.close(0, '{}');
    expect(await seqs(run.responses)).toEqual([2, 3, 4]);
    expect(heard).toEqual(['open', 'tasks', 'close']);
  });

  it('names the holder of a lab in other hands', async () => {
    const { connect } = await agent((call) => call.write(opened(1, 'you@there:2')));
    await expect(openRun(await connect(), connect, open)).rejects.toMatchObject({
      code: 'lab-locked',
      summary: 'Lab lab is held by you@there:2.',
      where: { host: 'vm01' },
    });
  });

  it('no longer queues behind another run when it is interrupted', async () => {
    const { connect } = await agent(() => {});
    const interrupt = new AbortController();
    const waiting = openRun(await connect(), connect, { ...open, waitMs: 10_000 }, interrupt.signal);
    setImmediate(() => interrupt.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('takes a broken stream up, without repeats, and sends again what was not answered', async () => {
    const resent: RunRequest[] = [];
    const { connect } = await agent(
      (call, { message }) => {
        if (message?.$case === 'open') call.write(opened(1));
        if (message?.$case === 'tasks') call.write(done(2, 1));
        if (message?.$case === 'close') call.emit('error', { code: status.UNAVAILABLE });
      },
      (call, request) => {
        resent.push(request);
        if (request.message?.$case !== 'close') return;
        call.write(done(2, 1));
        call.write(done(3, 2));
        call.write(closed(4));
        call.end();
      },
    );
    const run = await openRun(await connect(), connect, open);
    run.send(task(1));
    run.send(task(2));
    run.close(0, '{}');
    const before = run.connection;
    expect(await seqs(run.responses)).toEqual([2, 3, 4]);
    expect(run.connection).not.toBe(before);
    expect(resent.map(({ message }) => message?.$case)).toEqual(['resume', 'task', 'close']);
    expect(resent[0]?.message?.value).toEqual({ run: 'r1', afterSeq: 2 });
    expect(resent[1]?.message?.value).toMatchObject({ id: 2 });
  });

  it('says connection-lost at once when the agent does not know the run any more', async () => {
    const { connect, streams } = await agent(
      (call, { message }) => {
        if (message?.$case === 'open') call.write(opened(1));
        if (message?.$case === 'task') call.emit('error', { code: status.UNAVAILABLE });
      },
      (call) => call.emit('error', { code: status.NOT_FOUND, details: 'no run r1 here' }),
    );
    const run = await openRun(await connect(), connect, open);
    run.send(task(1));
    await expect(seqs(run.responses)).rejects.toMatchObject({
      code: 'connection-lost',
      detail: expect.stringContaining('no run r1 here'),
    });
    expect(streams()).toBe(2);
  });

  it('says that the host was not reached again where no try came to an end', async () => {
    const { connect } = await agent((call, { message }) => {
      if (message?.$case === 'open') call.write(opened(1));
      if (message?.$case === 'task') call.emit('error', { code: status.UNAVAILABLE });
    });
    const never = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const run = await openRun(await connect(), never, open);
    const deadline = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.timeout(300));
    run.send(task(1));
    await expect(seqs(run.responses)).rejects.toMatchObject({
      code: 'connection-lost',
      detail: expect.stringMatching(/^The host was not reached again within 20 s\./),
      hint: expect.stringMatching(/^Is the host up\? Then run the playbook again/),
    });
    deadline.mockRestore();
  });
});
