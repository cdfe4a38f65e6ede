import { registry } from '../../agent/modules/registry.gen.ts';
import type { Play } from '../playbook/types.ts';
import { faultOf } from '../reach/why/judge.ts';
import type { Confidence, Verdict } from '../report/why/why-types.ts';
import { mendPlay } from './mend-play.ts';

/** A mend that may be tried, as a play for its host; or why there is none. */
export type Choice =
  | { readonly verdict: Verdict; readonly host: string; readonly play: Play }
  | { readonly reason: string };

/**
 * The mend of the first verdict, if it is sure enough, was not tried, and can be taken back: only modules that converge can.
 * `least`: how sure a verdict must be. `tried`: faults whose mend was tried.
 */
export function chooseMend(
  verdicts: readonly Verdict[],
  least: Exclude<Confidence, 'unknown'>,
  tried: readonly Verdict[],
  lab: string,
): Choice {
  const [verdict] = verdicts;
  if (verdict === undefined) return { reason: 'no fault was found' };
  const { confidence, cause, mend } = verdict;
  if (tried.some((other) => faultOf(other) === faultOf(verdict))) return { reason: `the mend did not help: ${cause}` };
  if (mend === undefined) return { reason: `no mend is known for it: ${cause}` };
  if (confidence === 'unknown') return { reason: `its cause is not known` };
  if (confidence === 'likely' && least === 'certain') {
    return { reason: `the verdict is only likely (${cause}): --fix=likely tries its mend all the same` };
  }
  const play = mendPlay(mend, cause, lab);
  const lasting = play.entries.find(
    (entry) => entry.kind !== 'task' || registry.get(entry.module)?.form !== 'converge',
  );
  if (lasting !== undefined) {
    const what = lasting.kind === 'task' ? lasting.module : lasting.kind;
    return { reason: `its mend is left to you: what \`${what}\` does can't be taken back by the host` };
  }
  return { verdict, host: mend.host, play };
}
