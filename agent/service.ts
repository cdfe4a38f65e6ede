import type { ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import type { AgentServiceServer, Daemon, HelloResponse } from '../proto/gen/orch/v1/agent.ts';
import { serveBring } from './bring-stream.ts';
import type { Engine } from './engine/engine.ts';
import { serveExec } from './exec-stream.ts';
import type { DaemonState } from './linux/daemons/spec.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import { serveLogs } from './logs-stream.ts';
import { rpcError } from './rpc-error.ts';
import { serveRun } from './run-stream.ts';

export interface ServiceParts {
  readonly engine: Engine;
  /** What programs, logs and looks are of, which belong to no lab's run. */
  readonly host: Pick<LinuxHost, 'daemons' | 'program' | 'netnsNames' | 'user' | 'observe'>;
  readonly hello: () => HelloResponse;
  /** Work has begun; what it returns is called at its end. */
  readonly begin: () => () => void;
  /** Ends the process once the answer is out. */
  readonly stop: () => void;
}

/** An RPC to an engine call, nothing more. */
export function agentService(parts: ServiceParts): AgentServiceServer {
  const { engine, host, hello, begin } = parts;
  let programs = 0;
  return {
    hello: (_call, callback) => {
      begin()();
      callback(null, hello());
    },
    status: (call, callback) => {
      begin()();
      answer(callback, () => ({
        agent: hello(),
        labs: [...engine.status(call.request.lab)],
        rssBytes: process.memoryUsage.rss(),
        daemons: host.daemons.states().map(daemonStatus),
      }));
    },
    run: (call) => {
      serveRun(call, engine).finally(begin());
    },
    bring: (call, callback) => {
      void serveBring(call, engine, callback).finally(begin());
    },
    destroy: (call) => {
      stream(
        call,
        engine.destroy(call.request, () => call.cancelled),
      ).finally(begin());
    },
    rollback: (call) => {
      stream(
        call,
        engine.rollback(call.request, () => call.cancelled),
      ).finally(begin());
    },
    confirm: (call, callback) => {
      const end = begin();
      engine
        .confirm(call.request)
        .then(
          (response) => callback(null, response),
          (error) => callback(rpcError(error)),
        )
        .finally(end);
    },
    exec: (call) => {
      const end = begin();
      programs++;
      void serveExec(call, host).finally(() => {
        programs--;
        end();
      });
    },
    logs: (call) => {
      void serveLogs(call, host.daemons).finally(begin());
    },
    observe: (call) => {
      void observe(call, host).finally(begin());
    },
    stop: (call, callback) => {
      const reason = engine.busy ? 'A run is under way.' : programs > 0 ? 'A program of orch exec runs.' : '';
      const stopping = reason === '' || call.request.force;
      callback(null, { stopping, reason: stopping ? '' : reason });
      if (stopping) parts.stop();
    },
  };
}

/** What only `orch why` needs is loaded for it. */
async function observe(call: Parameters<AgentServiceServer['observe']>[0], host: ServiceParts['host']): Promise<void> {
  const { serveObserve } = await import('./observe-stream.ts');
  await serveObserve(call, host);
}

function daemonStatus({ spec, phase, pid, startedMs, restarts, ended }: DaemonState): Daemon {
  return {
    ...{ name: spec.name, netns: spec.netns ?? '', phase, restarts, ended },
    pid: pid ?? 0,
    uptimeMs: startedMs === undefined ? 0 : Math.max(0, Date.now() - startedMs),
  };
}

async function stream<Q, T>(call: ServerWritableStream<Q, T>, responses: AsyncIterable<T>): Promise<void> {
  try {
    for await (const response of responses) {
      // What was undone is undone; nothing more is, for one who left.
      if (call.cancelled) break;
      call.write(response);
    }
    call.end();
  } catch (error) {
    call.emit('error', rpcError(error));
  }
}

function answer<T>(callback: sendUnaryData<T>, make: () => T): void {
  try {
    callback(null, make());
  } catch (error) {
    callback(rpcError(error));
  }
}
