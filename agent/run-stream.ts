import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { RunRequest, RunResponse, Task } from '../proto/gen/orch/v1/agent.ts';
import type { Engine } from './engine/engine.ts';
import type { Sink } from './engine/run/response-log.ts';
import { RunSession } from './engine/run/run-session.ts';
import { rpcError } from './rpc-error.ts';
import { expectItems } from './thrift.ts';

type RunCall = ServerDuplexStream<RunRequest, RunResponse>;

/**
 * Serves one Run stream until it is over. The first message opens a run or takes one up again; the others go to that
 * run. A stream that breaks leaves its run to be taken up by another stream.
 */
export async function serveRun(call: RunCall, engine: Engine): Promise<void> {
  const sink = sinkOf(call);
  const over = new Promise<void>((resolve) => call.once('finish', resolve).once('close', resolve));
  const attached: RunSession[] = [];
  const pumped = pump(call, engine, sink, attached).catch((error) => {
    if (!call.destroyed) call.emit('error', rpcError(error));
  });
  await over;
  const [session] = attached;
  if (session !== undefined) session.detach(sink);
  // The run was still queued behind another holder: nobody will take it up.
  else void pumped.then(() => attached[0]?.abandon());
}

/** Hands on what the controller sends. `attached` gets the run as soon as there is one. */
async function pump(call: RunCall, engine: Engine, sink: Sink, attached: RunSession[]): Promise<void> {
  // Leaving the loop must not destroy the half that still sends responses.
  const requests: AsyncIterable<RunRequest> = call.iterator({ destroyOnReturn: false });
  for await (const { message } of requests) {
    const session = attached[0];
    if (session !== undefined) forward(session, message);
    else {
      const begun = await begin(call, engine, sink, message);
      if (begun === undefined) return;
      attached.push(begun);
    }
  }
}

/** Opens or resumes; undefined when the stream was answered and is over. */
async function begin(
  call: RunCall,
  engine: Engine,
  sink: Sink,
  message: RunRequest['message'],
): Promise<RunSession | undefined> {
  if (message?.$case === 'open') {
    const opened = await engine.open(message.value, call.getPeer());
    if (!(opened instanceof RunSession)) {
      sink.send([{ seq: 1, message: { $case: 'opened', value: opened } }]);
      sink.end();
      return undefined;
    }
    opened.attach(sink, 0);
    opened.opened(engine.lastSettled(message.value.lab), engine.lastRestored(message.value.lab));
    return opened;
  }
  if (message?.$case === 'resume') {
    const { run, afterSeq } = message.value;
    const session = engine.session(run);
    if (session?.attach(sink, afterSeq)) return session;
    const reason =
      session === undefined
        ? 'is not known to this agent: it was started anew since, or gave the run up'
        : 'has lost the responses asked for';
    call.emit('error', rpcError(cannotResume(`Run ${run} ${reason}.`), status.NOT_FOUND));
    return undefined;
  }
  call.emit('error', rpcError(cannotResume('A run stream begins with open or resume.'), status.INVALID_ARGUMENT));
  return undefined;
}

function forward(session: RunSession, message: RunRequest['message']): void {
  switch (message?.$case) {
    case 'task':
      takeTasks(session, [message.value]);
      break;
    case 'tasks':
      takeTasks(session, message.value.tasks);
      break;
    case 'arm':
      session.arm(message.value);
      break;
    case 'extend':
      session.extend();
      break;
    case 'cancel':
      session.cancel(message.value);
      break;
    case 'close':
      void session.close(message.value);
      break;
  }
}

function takeTasks(session: RunSession, tasks: readonly Task[]): void {
  expectItems(tasks.reduce((count, { items }) => count + items.length, 0));
  session.add(...tasks);
}

function sinkOf(call: RunCall): Sink {
  return {
    send: (responses) => {
      const last = responses.at(-1);
      if (last === undefined || !call.writable) return;
      if (responses.length === 1) call.write(last);
      else call.write({ seq: last.seq, message: { $case: 'batch', value: { responses: [...responses] } } });
    },
    end: () => call.end(),
    get full() {
      return call.writableNeedDrain;
    },
  };
}

function cannotResume(summary: string): OrchError {
  return new OrchError({ code: 'connection-lost', summary });
}
