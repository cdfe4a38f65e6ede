import type { LogsRequest, LogsResponse } from '../../../proto/gen/orch/v1/agent.ts';
import type { AgentConnection } from '../types.ts';
import { callError } from './rpc.ts';

/** A daemon's log as its agent sends it. An aborted signal ends it. Throws OrchError. */
export async function* logsOf(
  { client, host }: AgentConnection,
  request: LogsRequest,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const call = client.logs(request);
  const cancel = (): void => call.cancel();
  signal.addEventListener('abort', cancel);
  try {
    for await (const { chunk } of call as AsyncIterable<LogsResponse>) yield chunk as Buffer;
  } catch (error) {
    if (!signal.aborted) throw callError(host, error);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
