import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { destroyOn } from '../../controller/connect/calls/destroy.ts';
import type { AgentConnection } from '../../controller/connect/types.ts';
import { helloOfFake } from './fake-agent.ts';

afterEach(() => vi.useRealTimers());

it('waits for a proof that takes minutes', async () => {
  vi.useFakeTimers();
  const call = Object.assign(new PassThrough({ objectMode: true }), { cancel: vi.fn() });
  const client = { destroy: () => call, close: () => undefined } as unknown as AgentConnection['client'];
  const connection: AgentConnection = {
    ...{ host: 'vm01', hello: helloOfFake, client, transport: 'tls', warm: true },
    close: async () => undefined,
  };
  const request = { lab: 'lab', run: '', holder: 'me', check: false, waitMs: 0 };
  const responses = destroyOn(connection, request, new AbortController().signal);
  call.write({ object: 'link br0' });
  expect((await responses.next()).value).toMatchObject({ object: 'link br0' });
  const proof = responses.next();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  call.end({ object: '', proof: {} });
  expect((await proof).value).toMatchObject({ proof: {} });
  expect(call.cancel).not.toHaveBeenCalled();
});
