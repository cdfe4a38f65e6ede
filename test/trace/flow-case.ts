import * as z from 'zod';
import { type WatchedFlow, watchedFlow } from '../../agent/engine/observe/trace/flow.ts';
import { ProbeProtocol } from '../../proto/gen/orch/v1/agent.ts';

/** The flow that a case is about. */
export const flowCase = z.strictObject({
  from: z.string(),
  to: z.string(),
  protocol: z.enum(['ICMP', 'TCP', 'UDP']).default('ICMP'),
  port: z.number().default(0),
  nextHops: z.array(z.string()).default([]),
  size: z.number().default(56),
});

export function flowOf(told: z.infer<typeof flowCase>): WatchedFlow {
  return watchedFlow({ ...told, protocol: ProbeProtocol[told.protocol] });
}
