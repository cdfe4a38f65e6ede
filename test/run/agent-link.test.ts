import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AgentLink, type TaskStream } from '../../controller/run/hosts/agent-link.ts';
import type { RunResponse } from '../../proto/gen/orch/v1/agent.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An agent that takes everything and never says a word. */
const silent: TaskStream = {
  send: () => undefined,
  bring: async () => undefined,
  program: () => {
    throw new Error('it runs no programs');
  },
  cancel: () => undefined,
  arm: () => undefined,
  extend: () => undefined,
  leave: () => undefined,
  close: () => undefined,
  responses: {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<RunResponse>>(() => undefined) }),
  },
};
const task = {
  ...{ lane: 'vm01', batch: 1, module: 'command', items: [], check: false, diff: false, noLog: false },
  ...{ keepGoing: false, runAs: '', environment: {}, timeoutMs: 0, where: '', persist: false, cwd: '', ahead: false },
};

test('a host that does not end its tasks when they are cancelled is given up', async () => {
  const link = new AgentLink('vm01', silent);
  const running = link.run(task, {});
  const lost = expect(running).rejects.toMatchObject({ code: 'connection-lost', where: { host: 'vm01' } });
  link.cancel();
  await vi.advanceTimersByTimeAsync(20_000);
  await lost;
  await expect(link.run(task, {})).rejects.toMatchObject({ code: 'connection-lost' });
});

test('closing waits for the last word of a silent agent no longer than its deadline', async () => {
  const link = new AgentLink('vm01', silent);
  const closed = vi.fn();
  const closing = link.close(0, {}).then(closed);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(closed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await closing;
});
