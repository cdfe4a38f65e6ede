import type { sendUnaryData } from '@grpc/grpc-js';
import type { AgentServiceServer, HelloResponse } from '../proto/gen/orch/v1/agent.ts';
import type { Engine } from './engine/engine.ts';
import { rpcError } from './rpc-error.ts';
import { serveRun } from './run-stream.ts';

export interface ServiceParts {
  readonly engine: Engine;
  readonly hello: () => HelloResponse;
  /** Work has begun; what it returns is called at its end. */
  readonly begin: () => () => void;
  /** Ends the process once the answer is out. */
  readonly stop: () => void;
}

/** An RPC to an engine call, nothing more. */
export function agentService(parts: ServiceParts): AgentServiceServer {
  const { engine, hello, begin } = parts;
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
      }));
    },
    run: (call) => {
      serveRun(call, engine).finally(begin());
    },
    destroy: async (call) => {
      const end = begin();
      try {
        for await (const response of engine.destroy(call.request, () => call.cancelled)) {
          // What was undone is undone; nothing more is, for one who left.
          if (call.cancelled) break;
          call.write(response);
        }
        call.end();
      } catch (error) {
        call.emit('error', rpcError(error));
      } finally {
        end();
      }
    },
    stop: (call, callback) => {
      const stopping = !engine.busy || call.request.force;
      callback(null, { stopping, reason: stopping ? '' : 'A run is under way.' });
      if (stopping) parts.stop();
    },
  };
}

function answer<T>(callback: sendUnaryData<T>, make: () => T): void {
  try {
    callback(null, make());
  } catch (error) {
    callback(rpcError(error));
  }
}
