import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ResponseLog } from '../../agent/engine/run/response-log.ts';
import type { RunResponse } from '../../proto/gen/orch/v1/agent.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function attached(): { log: ResponseLog; sent: number[][] } {
  const log = new ResponseLog();
  const sent: number[][] = [];
  const send = (responses: readonly RunResponse[]) => sent.push(responses.map(({ seq }) => seq));
  log.attach({ send, end: () => undefined, full: false }, 0);
  return { log, sent };
}

const started = (task: number) => ({ $case: 'started', value: { task } }) as const;

test('what tasks tell is sent together, after a moment or when there is no more of it', () => {
  const { log, sent } = attached();
  log.append(started(1));
  log.append(started(2));
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(sent).toEqual([[1, 2]]);
  log.append(started(3));
  log.flush();
  log.flush();
  expect(sent).toEqual([[1, 2], [3]]);
});

test('what somebody waits for takes all before it along at once', () => {
  const { log, sent } = attached();
  log.append(started(1));
  log.append({ $case: 'dropped', value: { tasks: [2] } });
  expect(sent).toEqual([[1, 2]]);
});

test('much is not gathered', () => {
  const { log, sent } = attached();
  const chunk = Buffer.alloc(600_000);
  log.append({ $case: 'output', value: { task: 1, item: 0, stderr: false, chunk } });
  log.append({ $case: 'output', value: { task: 1, item: 0, stderr: false, chunk } });
  expect(sent).toEqual([[1, 2]]);
});

test('another stream gets what was gathered once', () => {
  const { log, sent } = attached();
  log.append(started(1));
  const again: number[] = [];
  const send = (responses: readonly RunResponse[]) => again.push(...responses.map(({ seq }) => seq));
  log.attach({ send, end: () => undefined, full: false }, 0);
  log.flush();
  expect([sent, again]).toEqual([[[1]], [1]]);
});
