import type { ServerDuplexStream } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { ObserveRequest, ObserveResponse } from '../proto/gen/orch/v1/agent.ts';
import { ChangeFollower, type TakeChanges } from './engine/observe/change-follower.ts';
import { readClock } from './engine/observe/clock.ts';
import { look } from './engine/observe/look.ts';
import { lookUp } from './engine/observe/lookup.ts';
import { sendProbe } from './engine/observe/probe.ts';
import { ProbeWatch } from './engine/observe/watch.ts';
import { asOrchError, toDiagnostic } from './engine/steps/diagnostic.ts';
import type { Observing } from './linux/ip/queries.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import { rpcError } from './rpc-error.ts';

type ObserveCall = ServerDuplexStream<ObserveRequest, ObserveResponse>;
type Answer = NonNullable<ObserveResponse['message']>;

/** Serves one Observe stream until its caller ends it or is gone, and leaves nothing behind. */
export async function serveObserve(call: ObserveCall, linux: Pick<LinuxHost, 'observe'>): Promise<void> {
  const host = linux.observe();
  const watch = new ProbeWatch(host);
  const follower = new ChangeFollower(host);
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort()).once('close', () => gone.abort());
  const looking = { host, watch, follower, signal: gone.signal };
  const running = new Set<Promise<void>>();
  try {
    for await (const request of requestsOf(call, gone.signal)) {
      const { id } = request;
      const tell: TakeChanges = (value) => {
        if (call.destroyed || call.cancelled || call.writableNeedDrain) return false;
        call.write({ id, message: { $case: 'changes', value } });
        return true;
      };
      const answered = answer(request, { ...looking, tell }).then((response) => {
        running.delete(answered);
        if (!call.destroyed && !call.cancelled) call.write(response);
      });
      running.add(answered);
    }
  } catch (error) {
    call.emit('error', rpcError(error));
  } finally {
    await Promise.all(running);
    await Promise.all([watch.close(), follower.close()]);
    await host.close();
  }
  if (!call.destroyed) call.end();
}

/** What the caller asks, until it has ended its side or is gone. */
async function* requestsOf(call: ObserveCall, gone: AbortSignal): AsyncGenerator<ObserveRequest> {
  const left = new Promise<undefined>((resolve) => gone.addEventListener('abort', () => resolve(undefined)));
  const requests: AsyncIterator<ObserveRequest> = call.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await Promise.race([requests.next(), left]);
    if (next === undefined || next.done) return;
    yield next.value;
  }
}

interface Looking {
  readonly host: Observing;
  readonly watch: ProbeWatch;
  readonly follower: ChangeFollower;
  /** Tells changes under the request's id. */
  readonly tell: TakeChanges;
  readonly signal: AbortSignal;
}

async function answer({ id, message }: ObserveRequest, looking: Looking): Promise<ObserveResponse> {
  try {
    return { id, message: await carryOut(message, looking) };
  } catch (error) {
    return { id, message: { $case: 'failed', value: toDiagnostic(asOrchError(error)) } };
  }
}

async function carryOut(message: ObserveRequest['message'], looking: Looking): Promise<Answer> {
  const { host, watch, follower, tell, signal } = looking;
  switch (message?.$case) {
    case 'askClock':
      return { $case: 'clock', value: readClock() };
    case 'look':
      return { $case: 'looked', value: await look(host, message.value) };
    case 'lookup':
      return { $case: 'lookedUp', value: await lookUp(host, message.value) };
    case 'sendProbe':
      return { $case: 'probeSent', value: await sendProbe(host, message.value, signal) };
    case 'watch':
      return { $case: 'watching', value: await watch.start(message.value) };
    case 'collect':
      return { $case: 'collected', value: await watch.collect(message.value.ident) };
    case 'followChanges':
      return { $case: 'followingChanges', value: await follower.start(message.value, tell) };
    case undefined:
      throw new OrchError({ code: 'invalid-parameter', summary: 'This agent does not know what it is asked.' });
  }
}
