import { expect, test } from 'vitest';
import { decide, noRestarts } from '../../../agent/linux/daemons/backoff.ts';

const policy = {
  restart: 'on-failure',
  backoff: { initial: 1, max: 5 },
  giveUp: { restarts: 4, within: 60 },
} as const;
const crash = { failed: true, upMs: 10 };

test('waits twice as long each time, up to the longest, and gives up', () => {
  const delays: number[] = [];
  let restarts = noRestarts;
  let now = 0;
  for (;;) {
    const next = decide(policy, crash, restarts, now);
    if (next.do !== 'restart') {
      expect(next.do).toBe('give-up');
      break;
    }
    delays.push(next.delayMs);
    restarts = next.restarts;
    now += next.delayMs + crash.upMs;
  }
  expect(delays).toEqual([1000, 2000, 4000, 5000]);
});

test('one that was up for long begins anew', () => {
  const before = { at: [0], delayMs: 4000 };
  expect(decide(policy, { failed: true, upMs: 6000 }, before, 10_000)).toMatchObject({ delayMs: 1000 });
});

test('restarts of long ago do not count', () => {
  const before = { at: [0, 1, 2, 3], delayMs: 5000 };
  expect(decide(policy, crash, before, 59_000).do).toBe('give-up');
  expect(decide(policy, crash, before, 60_003)).toMatchObject({ do: 'restart', restarts: { at: [60_003] } });
});

test.each([
  ['always', false, 'restart'],
  ['always', true, 'restart'],
  ['on-failure', false, 'leave'],
  ['on-failure', true, 'restart'],
  ['never', false, 'leave'],
  ['never', true, 'leave'],
] as const)('restart: %s, failed: %s is %s', (restart, failed, what) => {
  expect(decide({ ...policy, restart }, { failed, upMs: 10 }, noRestarts, 0).do).toBe(what);
});

test('without a wait it starts at once, and still gives up', () => {
  const at = [0, 1, 2];
  const quick = { ...policy, backoff: { initial: 0, max: 0 } };
  expect(decide(quick, crash, { at, delayMs: 0 }, 3)).toMatchObject({ do: 'restart', delayMs: 0 });
  expect(decide(quick, crash, { at: [...at, 3], delayMs: 0 }, 4).do).toBe('give-up');
});
