import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type ActionResult, defineAction } from './action.ts';

/** Beyond the connection: what it may take to bring the agent to a host and start it. */
const startS = 30;

const seconds = z.int().min(0).max(86_400);

export const action = defineAction({
  name: 'wait_for_connection',
  summary: 'Wait until the host can be reached and answers.',
  notes:
    'A run begins without the hosts that its play waits for by this. Check mode skips it. A host that was lost while its agent went on is free for the run again after a minute.',
  examples: ['wait_for_connection:\n  delay: 5\n  timeout: 120', 'wait_for_connection:'],
  params: z.strictObject({
    connect_timeout: seconds
      .default(5)
      .describe('Seconds that one try may take, and 30 more to bring the agent there.'),
    delay: seconds.default(0).describe('Seconds to wait before the first try.'),
    sleep: seconds.default(1).describe('Seconds between two tries.'),
    timeout: seconds.default(600).describe('Seconds to wait before the task fails.'),
  }),
  awaitsHost: true,
  run: async (params, { attempt, check, signal }): Promise<ActionResult> => {
    if (check) return { status: 'skipped', result: {} };
    const startedAt = performance.now();
    const elapsed = () => Math.floor((performance.now() - startedAt) / 1000);
    await sleep(params.delay * 1000, undefined, { signal });
    for (;;) {
      const answer = await attempt('ping', {}, params.connect_timeout + startS);
      if (answer.status === 'ok') return { status: 'ok', result: { elapsed: elapsed() } };
      if (elapsed() + params.sleep > params.delay + params.timeout) {
        const message = `timed out waiting for ping module test: ${answer.message ?? answer.status}`;
        return { status: 'failed', message, result: { elapsed: elapsed() } };
      }
      await sleep(params.sleep * 1000, undefined, { signal });
    }
  },
});
