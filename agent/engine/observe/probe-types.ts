import { ProbeSent_Outcome as Outcome, type ProbeSent } from '../../../proto/gen/orch/v1/agent.ts';

/** A probe with nothing left open. */
export interface Probe {
  readonly netns: string | undefined;
  readonly from: string | undefined;
  readonly to: string;
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  readonly port: number;
  readonly size: number;
  readonly count: number;
  readonly timeoutMs: number;
}

/** What became of it; `from` as far as the tool knows. */
export type ProbeResult = Omit<ProbeSent, 'from'> & { readonly from?: string | undefined };

/** A refusal before anything was sent says that there is no way, or that the question itself was wrong. */
export function outcomeOfRefusal(words: string): Outcome {
  const ofTheWay = /unreachable|no route|not permitted|permission denied|message too long|host is down/i;
  return ofTheWay.test(words) ? Outcome.UNREACHABLE : Outcome.ERROR;
}
