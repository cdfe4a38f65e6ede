import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { signalUntil } from '../../proto/signal-until.ts';

test('a deadline outlives the garbage collector', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const signal = signalUntil(new AbortController().signal, 100);
  let aborted = false;
  signal.addEventListener('abort', () => {
    aborted = true;
  });
  for (let times = 0; times < 3; times += 1) {
    await sleep(10);
    collect();
  }
  await sleep(200);
  expect(aborted).toBe(true);
});

test('the other signal ends it before', () => {
  const other = new AbortController();
  const signal = signalUntil(other.signal, 60_000);
  other.abort();
  expect(signal.aborted).toBe(true);
});
