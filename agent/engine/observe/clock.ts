import type { Clock } from '../../../proto/gen/orch/v1/agent.ts';

/** CLOCK_MONOTONIC (which Node's hrtime is, uv_hrtime) and the time of day, both now. */
export function readClock(): Clock {
  return {
    monotonicUs: Number(process.hrtime.bigint() / 1000n),
    realtimeUs: Math.round((performance.timeOrigin + performance.now()) * 1000),
  };
}
