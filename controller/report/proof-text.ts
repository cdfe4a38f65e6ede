import { cleanLine } from './clean.ts';
import { nameList } from './format.ts';
import type { Style } from './style.ts';
import { pad, widest } from './width.ts';

/** Whose doing a difference is; `restored`: the lab's, brought back. */
export type DifferenceCause = 'lab' | 'restored' | 'other-lab' | 'kernel' | 'someone';

/** One thing that is not as it was before the lab. */
export interface HostDifference {
  readonly object: string;
  readonly before: string;
  readonly after: string;
  readonly cause: DifferenceCause;
  readonly reason: string;
}

/** How a host compares with what it was before the lab. */
export interface HostProof {
  /** True when nothing of the lab is left. */
  readonly proved: boolean;
  /** Things held against each other, by kind. */
  readonly compared: Readonly<Record<string, number>>;
  readonly differences: readonly HostDifference[];
  /** What could not be compared, and why. */
  readonly unread: readonly string[];
  /** Why there is nothing to compare with. */
  readonly missing?: string | undefined;
}

const words: Readonly<Record<DifferenceCause, string>> = {
  lab: 'differs',
  restored: 'restored',
  'other-lab': 'differs',
  kernel: 'differs',
  someone: 'differs',
};

/** Each difference with its cause, then what is proved. Pure. */
export function proofText(host: string, proof: HostProof, style: Style): readonly string[] {
  const { differences, unread, missing } = proof;
  if (missing !== undefined) return [`  ${style.note('not proved:')} ${cleanLine(missing)}`];
  const columns = widest(differences.map(({ object }) => cleanLine(object)));
  const paint = (cause: DifferenceCause) =>
    cause === 'lab' ? style.bad : cause === 'restored' ? style.changed : style.note;
  const lines = differences.map(({ object, before, after, cause, reason }) => {
    const sides = `was ${before}, ${cause === 'restored' ? 'had become' : 'is'} ${after}`;
    return `  ${paint(cause)(pad(words[cause], 11))} ${pad(cleanLine(object), columns)}  ${cleanLine(`${sides}: ${reason}`)}`;
  });
  return [
    ...lines,
    ...unread.map((what) => `  ${style.note('not compared:')} ${cleanLine(what)}`),
    verdict(host, proof, style),
  ];
}

function verdict(host: string, { proved, compared, differences, unread }: HostProof, style: Style): string {
  const counts = Object.entries(compared)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} ${number === 1 ? kind.replace(/s$/, '') : kind}`);
  const count = cleanLine(nameList(counts, 50));
  const name = cleanLine(host);
  const others = differences.filter(({ cause }) => cause !== 'restored' && cause !== 'lab').length;
  if (!proved) return `  ${style.bad('not proved:')} ${name} still differs by the lab's doing (${count} compared)`;
  const end =
    others === 0
      ? `${name} is as it was found`
      : `nothing of the lab is left on ${name}; what differs is not its doing`;
  const but = unread.length === 0 ? '' : `, but for what was not compared (${unread.length})`;
  return `  ${style.good(`proved${but}:`)} ${end} (${count} compared)`;
}
