import { cleanLine } from './clean.ts';
import { type HostProof, proofText } from './proof-text.ts';
import type { Style } from './style.ts';
import type { ExitCode, Failure } from './types.ts';
import { pad, widest } from './width.ts';

/** What became of one object that a lab owned. */
export interface Undone {
  readonly object: string;
  readonly what: string;
  readonly outcome: 'undone' | 'left' | 'failed';
  readonly reason: string;
}

/** What destroying a lab came to on one host. */
export interface HostDestroyed {
  readonly host: string;
  readonly objects: readonly Undone[];
  /** Absent in check mode, and where the lab had done nothing. */
  readonly proof?: HostProof | undefined;
  /** Why the host could not be reached, or broke off. */
  readonly failure?: Failure | undefined;
}

/** What `orch destroy` prints as JSON. */
export interface DestroyReport {
  readonly version: 1;
  readonly lab: string;
  readonly check: boolean;
  readonly exit: ExitCode;
  readonly hosts: readonly HostDestroyed[];
}

const count = (objects: readonly Undone[], outcome: Undone['outcome']) =>
  objects.filter((object) => object.outcome === outcome).length;

/** One host: each object with what was done, then a line that adds up. Pure. */
export function destroyedText({ host, objects, proof, failure }: HostDestroyed, check: boolean, style: Style): string {
  const columns = widest(objects.map(({ object }) => cleanLine(object)));
  const paint = { undone: style.changed, left: style.note, failed: style.bad };
  const words = { undone: check ? 'would undo' : 'undone', left: check ? 'would leave' : 'left', failed: 'failed' };
  const lines = objects.map(({ object, what, outcome, reason }) => {
    const why = outcome === 'undone' ? what : reason;
    return `  ${paint[outcome](pad(words[outcome], 11))} ${pad(cleanLine(object), columns)}  ${cleanLine(why)}`.trimEnd();
  });
  const sum = `${words.undone} ${count(objects, 'undone')}, left ${count(objects, 'left')}, failed ${count(objects, 'failed')}`;
  const end = failure
    ? [
        `  ${style.bad(`${cleanLine(failure.summary)} [${failure.code}]`)}`,
        ...(failure.detail ? failure.detail.split('\n').map((line) => `    ${cleanLine(line)}`) : []),
        ...(failure.hint ? [`    hint: ${cleanLine(failure.hint)}`] : []),
      ]
    : [];
  return [
    `${style.strong(cleanLine(host))}: ${objects.length === 0 && !failure ? 'nothing to undo' : sum}`,
    ...lines,
    ...(proof === undefined ? [] : proofText(host, proof, style)),
    ...end,
    '',
  ].join('\n');
}
