import type { ClientReadableStream } from '@grpc/grpc-js';
import type {
  DestroyRequest,
  DestroyResponse,
  RollbackRequest,
  RollbackResponse,
} from '../../../proto/gen/orch/v1/agent.ts';
import type { AgentConnection } from '../types.ts';
import { callError } from './rpc.ts';

/**
 * Has one agent take back what a lab did there, newest first; gives what became of each object. An aborted signal ends it after
 * the object at hand. However long a slow host takes over its proof, it is waited for as long as its agent answers the
 * pings of the channel. Throws OrchError.
 */
export function destroyOn(
  { client, host }: AgentConnection,
  request: DestroyRequest,
  signal: AbortSignal,
): AsyncGenerator<DestroyResponse> {
  return responses(host, client.destroy(request), signal);
}

/** Has one agent take runs of a lab back, newest first. As destroyOn. */
export function rollbackOn(
  { client, host }: AgentConnection,
  request: RollbackRequest,
  signal: AbortSignal,
): AsyncGenerator<RollbackResponse> {
  return responses(host, client.rollback(request), signal);
}

/** Characters of all that an agent tells of one undo, as JSON. */
const mostTold = 64 * 1024 * 1024;

async function* responses<T>(host: string, call: ClientReadableStream<T>, signal: AbortSignal): AsyncGenerator<T> {
  const cancel = (): void => call.cancel();
  signal.addEventListener('abort', cancel);
  try {
    let told = 0;
    for await (const response of call) {
      told += JSON.stringify(response).length;
      if (told > mostTold) throw new Error(`What the agent tells of it has more than ${mostTold} characters.`);
      yield response as T;
    }
  } catch (error) {
    cancel();
    throw callError(host, error);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
