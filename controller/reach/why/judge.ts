import type { Confidence, Verdict } from '../../report/why/why-types.ts';
import { type Finding, sayingMost } from './causes/cause.ts';
import { registry } from './causes/registry.gen.ts';
import type { Evidence } from './seen/evidence.ts';
import { placeText } from './seen/facts.ts';
import { unexplained } from './unexplained.ts';
import { rewritings } from './way/rewritten.ts';

const weight: Readonly<Record<Confidence, number>> = { certain: 0, likely: 1, unknown: 2 };

/** The same for two verdicts about one fault: what mends it is the same, else its place and the packet's direction are. */
export function faultOf({ cause, host, netns, device, direction, mend }: Verdict): string {
  return [cause, ...(mend === undefined ? [host, netns, device, direction] : [mend.host, mend.tasks])].join(' ');
}

/**
 * One fault can meet the packet several times: its ARP question, and itself; the request, and the reply. It is told once, in
 * its first place, as it is known best.
 */
function eachOnce(verdicts: readonly Verdict[]): readonly Verdict[] {
  const faults = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const known = faults.get(faultOf(verdict));
    const surer = known === undefined || weight[verdict.confidence] < weight[known.confidence];
    if (surer) faults.set(faultOf(verdict), verdict);
  }
  return [...faults.values()];
}

/** A finding on the way to an address that a rule gave the packet names the rule. */
function withRewriting(finding: Finding, evidence: Evidence): Finding {
  const { question, stages } = evidence;
  const stage = stages[finding.stage];
  const rule = rewritings(evidence).find(
    ({ destination, port }) =>
      (destination !== question.to || (port !== undefined && port === stage?.port)) &&
      [stage?.to, stage?.from].includes(destination),
  );
  if (rule?.destination === undefined) return finding;
  const goal = `${rule.destination}${rule.port === undefined ? '' : `, port ${rule.port}`}`;
  return {
    ...finding,
    sentence: `${finding.sentence} The request was for ${question.to}; nftables of ${placeText(rule)} sent it to ${goal}.`,
    proof: [`nft monitor trace in ${placeText(rule)}: ${rule.text}`, ...finding.proof],
  };
}

/**
 * What is wrong, in the order in which it bites: the first verdict is why the probe failed, the others would come next.
 * Never empty for a probe that failed: where no cause is found, it says what was seen and what is excluded.
 */
export function judge(evidence: Evidence): readonly Verdict[] {
  if (evidence.probe.outcome === 'replied') return [];
  const found = [...registry.values()].flatMap((cause) =>
    cause.find(evidence).map((finding) => ({ finding, cause: cause.name, general: cause.general })),
  );
  const ordered = sayingMost(found).sort(
    (one, other) =>
      one.finding.stage - other.finding.stage || weight[one.finding.confidence] - weight[other.finding.confidence],
  );
  const verdicts = eachOnce(
    ordered.map(({ cause, finding }): Verdict => {
      const { stage: _, ...rest } = withRewriting(finding, evidence);
      return { cause, ...rest };
    }),
  );
  return verdicts.length > 0 ? verdicts : [unexplained(evidence)];
}
