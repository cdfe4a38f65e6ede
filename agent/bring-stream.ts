import type { ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { BringRequest, BringResponse } from '../proto/gen/orch/v1/agent.ts';
import type { Engine } from './engine/engine.ts';
import { rpcError } from './rpc-error.ts';

/** Takes one content to the task that asked for it; answers once it is on the host's disk. */
export async function serveBring(
  call: ServerReadableStream<BringRequest, BringResponse>,
  engine: Engine,
  answer: sendUnaryData<BringResponse>,
): Promise<void> {
  try {
    const requests: AsyncIterator<BringRequest> = call.iterator({ destroyOnReturn: false });
    const first = await requests.next();
    const message = first.done ? undefined : first.value.message;
    if (message?.$case !== 'start') throw unusable('A bring stream begins with start.');
    await engine.arrive(message.value.id, chunksOf(requests));
    answer(null, {});
  } catch (error) {
    answer(rpcError(error));
  }
}

async function* chunksOf(requests: AsyncIterator<BringRequest>): AsyncGenerator<Buffer> {
  for (let next = await requests.next(); next.done !== true; next = await requests.next()) {
    const { message } = next.value;
    if (message?.$case === 'failed') throw new OrchError({ code: 'task-failed', summary: message.value });
    if (message?.$case === 'chunk') yield message.value;
    // A stream that broke ends as one that is complete.
    if (message?.$case === 'end') return;
  }
  throw new Error('the connection broke');
}

function unusable(summary: string): OrchError {
  return new OrchError({ code: 'connection-lost', summary });
}
