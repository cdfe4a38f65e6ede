import type { ServerDuplexStream } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { ObserveRequest, ObserveResponse } from '../proto/gen/orch/v1/agent.ts';
import { asOrchError, toDiagnostic } from './engine/diagnostic.ts';
import { readClock } from './engine/observe/clock.ts';
import { look } from './engine/observe/look.ts';
import { lookUp } from './engine/observe/lookup.ts';
import { sendProbe } from './engine/observe/probe.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import type { Observing } from './linux/queries.ts';
import { rpcError } from './rpc-error.ts';

type ObserveCall = ServerDuplexStream<ObserveRequest, ObserveResponse>;
type Answer = NonNullable<ObserveResponse['message']>;

/** Serves one Observe stream until its caller ends it or is gone, and leaves nothing behind. */
export async function serveObserve(call: ObserveCall, linux: Pick<LinuxHost, 'observe'>): Promise<void> {
  const host = linux.observe();
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort()).once('close', () => gone.abort());
  const requests: AsyncIterator<ObserveRequest> = call.iterator({ destroyOnReturn: false });
  const running = new Set<Promise<void>>();
  try {
    for (let next = await requests.next(); !next.done; next = await requests.next()) {
      const answered = answer(next.value, host, gone.signal).then((response) => {
        running.delete(answered);
        if (!call.destroyed && !call.cancelled) call.write(response);
      });
      running.add(answered);
    }
    await Promise.all(running);
    await host.close();
    call.end();
  } catch (error) {
    if (!call.destroyed) call.emit('error', rpcError(error));
  } finally {
    gone.abort();
    await Promise.all(running);
    await host.close();
  }
}

async function answer({ id, message }: ObserveRequest, host: Observing, signal: AbortSignal): Promise<ObserveResponse> {
  try {
    return { id, message: await carryOut(message, host, signal) };
  } catch (error) {
    return { id, message: { $case: 'failed', value: toDiagnostic(asOrchError(error)) } };
  }
}

async function carryOut(message: ObserveRequest['message'], host: Observing, signal: AbortSignal): Promise<Answer> {
  switch (message?.$case) {
    case 'askClock':
      return { $case: 'clock', value: readClock() };
    case 'look':
      return { $case: 'looked', value: await look(host, message.value) };
    case 'lookup':
      return { $case: 'lookedUp', value: await lookUp(host, message.value) };
    case 'sendProbe':
      return { $case: 'probeSent', value: await sendProbe(host, message.value, signal) };
    default:
      throw new OrchError({ code: 'invalid-parameter', summary: 'This agent cannot be asked that while it looks on.' });
  }
}
