import type { WhyReport } from '../../report/why/why-types.ts';
import { judge } from './judge.ts';
import type { Evidence } from './seen/evidence.ts';
import { placeText } from './seen/facts.ts';
import { wayOf } from './way/way.ts';

/** The answer, from all that was seen. `to`: what was asked, as it was written. */
export function whyReport(evidence: Evidence, to: string): WhyReport {
  const { question, probe, observed } = evidence;
  const verdicts = judge(evidence);
  return {
    version: 1,
    from: placeText(question),
    to,
    address: question.to,
    protocol: question.protocol === 'icmp' ? 'icmp' : `${question.protocol}:${question.port}`,
    outcome: probe.outcome,
    message: probe.text,
    rttMs: probe.rttMs,
    verdicts,
    way: wayOf(evidence, verdicts[0]),
    watched: observed,
  };
}
