import type { Mend, Verdict } from '../../../report/why/why-types.ts';
import type { Evidence, PlaceName, Stage } from '../seen/evidence.ts';
import { type Flow, flow } from '../seen/flow.ts';

/** A verdict with its place on the way, by which verdicts are ordered. */
export interface Finding extends Omit<Verdict, 'cause'> {
  /** Index of the stage (seen/facts.ts, evidence.stages) at which it bites. */
  readonly stage: number;
}

/** A stage of the way, a device there, and the place of that, where it is another one than the stage's own. */
interface Where {
  readonly index: number;
  readonly stage: PlaceName & Pick<Stage, 'direction'>;
  readonly dev?: string | undefined;
  readonly place?: PlaceName;
}

/** What a finding says of where it bites, and how sure it is. */
export function foundAt({ index, stage, dev, place = stage }: Where, confidence: Finding['confidence']) {
  const { host, netns } = place;
  return { stage: index, confidence, host, netns, device: dev, direction: stage.direction };
}

/** One thing that can be wrong: a pure function of what was seen. */
export interface Cause {
  /** The file's name. */
  readonly name: string;
  /** One line, for the list of causes. */
  readonly summary: string;
  /** It only says that something is wrong: it is silent when another cause says what, at the same stage or before. */
  readonly general?: boolean;
  /** Where it bites: once for each stage at most. */
  readonly find: (evidence: Evidence) => readonly Finding[];
}

/** Without what general causes say of a place where, or before which, another one says more. */
export function sayingMost<F extends { readonly finding: Finding; readonly general: boolean | undefined }>(
  found: readonly F[],
): F[] {
  const plain = found.filter(({ general }) => general !== true);
  return found.filter(
    ({ finding, general }) => general !== true || !plain.some((other) => other.finding.stage <= finding.stage),
  );
}

/** Holds a definition to its type. */
export function defineCause(cause: Cause): Cause {
  return cause;
}

/** A task in YAML, one line for each parameter; `netns` is added where the place is no host's own. */
export function task(
  name: string,
  module: string,
  params: Readonly<Record<string, string | number | boolean | Flow>>,
  netns: string,
): string {
  const all = netns === '' ? params : { ...params, netns };
  const lines = Object.entries(all).map(([key, value]) => `    ${key}: ${flow(value)}`);
  return [`- name: ${flow(name)}`, `  ${module}:`, ...lines].join('\n');
}

export function mend(host: string, ...tasks: readonly string[]): Mend {
  return { host, tasks: tasks.join('\n') };
}
