import type { DestroyRequest, DestroyResponse } from '../../proto/gen/orch/v1/agent.ts';
import { callError } from '../connect/rpc.ts';
import type { AgentConnection } from '../connect/types.ts';

/** An undo that takes longer than this without a word is not coming back. */
const silenceMs = 60_000;

/**
 * Has one agent take back what a lab did there, newest first; gives what became of each object. An aborted signal ends it after
 * the object at hand. Throws OrchError.
 */
export async function* destroyOn(
  { client, host }: AgentConnection,
  request: DestroyRequest,
  signal: AbortSignal,
): AsyncGenerator<DestroyResponse> {
  const call = client.destroy(request);
  const cancel = (): void => call.cancel();
  signal.addEventListener('abort', cancel);
  let silence = setTimeout(cancel, request.waitMs + silenceMs);
  try {
    for await (const response of call) {
      clearTimeout(silence);
      yield response as DestroyResponse;
      silence = setTimeout(cancel, silenceMs);
    }
  } catch (error) {
    throw callError(host, error);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', cancel);
  }
}
