import type { Host } from '../../../linux/host.ts';
import { runFping } from './fping.ts';
import { type KernelRoute, kernelRoute, refusalText } from './kernel-route.ts';
import { runPing } from './ping.ts';
import { type Answers, type ProbeSettings, rttOf, type TargetResult, type ToolResult } from './types.ts';

/** One namespace's questions. */
export interface Place {
  readonly netns?: string | undefined;
  readonly source?: string | undefined;
  readonly targets: readonly string[];
}

export interface Measured {
  readonly tool: 'fping' | 'ping' | 'none';
  readonly targets: readonly TargetResult[];
}

const cannotAssign = 'Cannot assign requested address';

function silence(answers: Answers, source: string | undefined): string {
  if (answers.message === undefined) return 'no reply';
  const from = / from (\S+)$/.exec(answers.message)?.[1];
  return from !== undefined && from === source ? `${answers.message}, itself: no neighbour answers` : answers.message;
}

/** One cell out of what the tool saw and what the kernel says about the way there. */
export function targetResult(address: string, answers: Answers, route: KernelRoute, count: number): TargetResult {
  const source = 'source' in route ? route.source : undefined;
  const common = { address, rttMs: rttOf(answers.rtts), ...(source === undefined ? {} : { source }) };
  if (answers.rtts.length > 0) {
    const lost = count - answers.rtts.length;
    return { ...common, observed: 'reached', ...(lost > 0 ? { message: `${lost} of ${count} got no reply` } : {}) };
  }
  if (answers.sent) return { ...common, observed: 'unreachable', message: silence(answers, source) };
  const refusal = 'refusal' in route ? route.refusal : answers.message;
  if (refusal === undefined) {
    return { ...common, observed: 'unreachable', message: 'not sent: a firewall or link of the sender refused it' };
  }
  const observed = refusal.includes(cannotAssign) ? 'error' : 'unreachable';
  return { ...common, observed, message: `not sent: ${refusalText(refusal)}` };
}

function allFailed(targets: readonly string[], message: string): readonly TargetResult[] {
  return targets.map((address) => ({ address, observed: 'error', rttMs: null, message }));
}

/** Measures one namespace's targets, all at once, with fping, or with ping where that is missing. */
export async function measure(
  host: Host,
  place: Place,
  settings: ProbeSettings,
  signal: AbortSignal,
): Promise<Measured> {
  // The kernel is asked meanwhile: fping spends its time waiting.
  const routes = Promise.all(place.targets.map((address) => kernelRoute(host, place.netns, address, place.source)));
  const [fping] = await Promise.all([runFping(host, place, settings, signal), routes]);
  const tool = 'missing' in fping ? 'ping' : 'fping';
  const result: ToolResult = 'missing' in fping ? await runPing(host, place, settings, signal) : fping;
  if ('missing' in result) {
    return { tool: 'none', targets: allFailed(place.targets, 'the host has neither fping nor ping') };
  }
  if ('fault' in result) return { tool, targets: allFailed(place.targets, result.fault) };
  const known = await routes;
  const targets = place.targets.map((address, index) =>
    targetResult(
      address,
      result.answers.get(address) ?? { rtts: [], sent: false },
      known[index] ?? { source: undefined },
      settings.count,
    ),
  );
  return { tool, targets };
}
