import { randomInt } from 'node:crypto';
import { ProbeSent_Outcome as Outcome } from '../../../proto/gen/orch/v1/agent.ts';
import type { Observing } from '../../linux/ip/queries.ts';
import { runFping } from '../../modules/shared/reach/fping.ts';
import { runPing } from '../../modules/shared/reach/ping.ts';
import type { ProbeSettings, ToolResult } from '../../modules/shared/reach/types.ts';
import { outcomeOfRefusal, type Probe, type ProbeResult } from './probe-types.ts';

/**
 * Echo requests with an identifier of their own, by ping; by fping, which has no such option, where there is no ping of
 * iputils.
 */
export async function sendEcho(host: Observing, probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  const { netns, from, to, size, count, timeoutMs } = probe;
  const place = { netns, source: from, targets: [to] };
  const settings: ProbeSettings = { size, count, timeoutMs };
  const ident = randomInt(1, 65_536);
  const ping = await runPing(host, place, { ...settings, ident }, signal);
  if (!lacks(ping, to)) return resultOf(ping, to, ident);
  return resultOf(await runFping(host, place, settings, signal), to, 0);
}

/** True when there is no ping, or one without the option. */
function lacks(ping: ToolResult, to: string): boolean {
  if ('missing' in ping) return true;
  return 'answers' in ping && /invalid option|unrecognized option/.test(ping.answers.get(to)?.message ?? '');
}

function resultOf(result: ToolResult, to: string, ident: number): ProbeResult {
  const nothing = { rttMs: [], ident };
  if ('missing' in result) return { ...nothing, outcome: Outcome.ERROR, text: 'The host has neither ping nor fping.' };
  if ('fault' in result) return { ...nothing, outcome: Outcome.ERROR, text: result.fault };
  const { rtts, sent, message: text = '' } = result.answers.get(to) ?? { rtts: [], sent: false };
  if (rtts.length > 0) return { outcome: Outcome.REPLIED, text, rttMs: [...rtts], ident };
  if (!sent) return { ...nothing, outcome: outcomeOfRefusal(text), text };
  return { ...nothing, outcome: text === '' ? Outcome.SILENT : Outcome.UNREACHABLE, text };
}
