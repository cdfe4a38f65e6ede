import { parseIp } from '../../../../agent/modules/shared/ip-address.ts';
import type { Evidence } from '../seen/evidence.ts';
import { placeOf } from '../seen/facts.ts';

/** Addresses, and the port, that a packet has at some place. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

const isSame = (one: Pair, other: Pair) => one.from === other.from && one.to === other.to && one.port === other.port;

/** Those that NAT gave the request on its way to places with rules, and that nobody has looked for yet. */
export function translations(
  { places, stages, question, probe }: Pick<Evidence, 'places' | 'stages' | 'question' | 'probe'>,
  known: readonly Pair[],
): readonly Pair[] {
  const family = parseIp(question.to)?.family;
  // A host says what it likes: what no packet can have, the others could not look for.
  const isPossible = ({ from, to, port }: Pair) =>
    parseIp(from)?.family === family && parseIp(to)?.family === family && port <= 0xffff;
  const first = { from: probe.from, to: question.to, port: question.port };
  const met = stages.flatMap((stage): readonly Pair[] => {
    const hasRules = (placeOf({ places }, stage)?.nftChains ?? []).length > 0;
    const { direction, from, to, port = question.port } = stage;
    return direction === 'request' && hasRules ? [{ from, to, port }] : [];
  });
  return met.filter((pair) => isPossible(pair) && ![first, ...known].some((one) => isSame(one, pair)));
}
