import type { ClientReadableStream } from '@grpc/grpc-js';
import type {
  DestroyRequest,
  DestroyResponse,
  RollbackRequest,
  RollbackResponse,
} from '../../proto/gen/orch/v1/agent.ts';
import { callError } from '../connect/rpc.ts';
import type { AgentConnection } from '../connect/types.ts';

/** An undo that takes longer than this without a word is not coming back. */
const silenceMs = 60_000;

/**
 * Has one agent take back what a lab did there, newest first; gives what became of each object. An aborted signal ends it after
 * the object at hand. Throws OrchError.
 */
export function destroyOn(
  { client, host }: AgentConnection,
  request: DestroyRequest,
  signal: AbortSignal,
): AsyncGenerator<DestroyResponse> {
  return responses(host, client.destroy(request), request.waitMs, signal);
}

/** Has one agent take runs of a lab back, newest first. As destroyOn. */
export function rollbackOn(
  { client, host }: AgentConnection,
  request: RollbackRequest,
  signal: AbortSignal,
): AsyncGenerator<RollbackResponse> {
  return responses(host, client.rollback(request), request.waitMs, signal);
}

async function* responses<T>(
  host: string,
  call: ClientReadableStream<T>,
  waitMs: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const cancel = (): void => call.cancel();
  signal.addEventListener('abort', cancel);
  let silence = setTimeout(cancel, waitMs + silenceMs);
  try {
    for await (const response of call) {
      clearTimeout(silence);
      yield response as T;
      silence = setTimeout(cancel, silenceMs);
    }
  } catch (error) {
    throw callError(host, error);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', cancel);
  }
}
