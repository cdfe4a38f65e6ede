import type { Hop, Verdict } from '../../../report/why/why-types.ts';
import type { Evidence, Stage, WayEvent } from '../seen/evidence.ts';
import { holdersOf, isAnswer } from '../seen/facts.ts';

/**
 * The way of the probe and its reply: as it was seen where it could be, else as it follows from the hosts' state, up to where
 * `verdict` says that it ends.
 */
export function wayOf(evidence: Evidence, verdict: Verdict | undefined): readonly Hop[] {
  const seen = evidence.events.filter((event) => !isBystander(evidence, event)).flatMap(seenHop);
  if (evidence.probe.outcome === 'replied') return seen.length > 0 ? seen : untilRefused(evidence.stages);
  const hops = seen.length > 0 ? seen : upTo(verdict, evidence.stages.flatMap(expectedHops));
  const end = evidence.stages.at(-1);
  const refused = end?.lookup.refusal;
  if (end === undefined || refused === undefined || hops.some(({ what }) => what === 'dropped')) return hops;
  return [...hops, hopOf(end, end.iif ?? '', 'dropped', `no way on: ${refused}`)];
}

/** The way of a packet that arrived: where a kernel would have refused it, it did not come. */
function untilRefused(stages: readonly Stage[]): readonly Hop[] {
  const refusing = stages.findIndex(({ lookup }) => lookup.refusal !== undefined);
  return (refusing < 0 ? stages : stages.slice(0, refusing)).flatMap(expectedHops);
}

function upTo(verdict: Verdict | undefined, hops: readonly Hop[]): readonly Hop[] {
  if (verdict === undefined || verdict.confidence === 'unknown') return hops;
  const { host, netns, device, direction, cause } = verdict;
  const at = hops.findLastIndex(
    (hop) =>
      hop.host === host &&
      hop.netns === netns &&
      hop.direction === direction &&
      (device === undefined || hop.device === device),
  );
  const last = hops[at];
  return last === undefined
    ? hops
    : [...hops.slice(0, at), { ...last, what: 'dropped', text: `${direction}: ${cause}` }];
}

/** A question for a MAC comes to everybody; those who do not have the address let it be. */
function isBystander(evidence: Evidence, { kind, asks, type, to, host, netns }: WayEvent): boolean {
  if (!asks || kind !== 'neighbour' || isAnswer(type)) return false;
  return !holdersOf(evidence, to).some(({ place }) => place.host === host && place.netns === netns);
}

function seenHop(event: WayEvent): readonly Hop[] {
  const { kind, direction, host, netns = '', dev: device, asks, about, from, to, type, reason, location, us } = event;
  const hop = (what: Hop['what'], text: string): readonly Hop[] => [{ direction, host, netns, device, what, text, us }];
  if (asks) {
    const words = isAnswer(type) ? `${from} is here` : `who has ${to}?`;
    if (kind === 'transmit') return hop('asked', words);
    if (kind === 'neighbour') return hop('received', words);
    if (kind === 'source-check') return hop('dropped', `${words} from ${from}: source refused`);
    return [];
  }
  const what = about ? `error about the ${direction}` : direction;
  switch (kind) {
    case 'transmit':
      return hop('sent', what);
    case 'receive':
      return hop('received', what);
    case 'forward':
      return hop('forwarded', `${what} forwarded`);
    case 'deliver':
      return hop('delivered', `${what} delivered`);
    case 'drop':
      // A raw socket's copy of an echo reply is freed with this reason each time a ping succeeds.
      return reason === 'NO_SOCKET' ? [] : hop('dropped', `${what} dropped: ${reason}${location && ` in ${location}`}`);
    default:
      return [];
  }
}

function expectedHops(stage: Stage): readonly Hop[] {
  const { iif, direction, lookup } = stage;
  const came = iif === undefined ? [] : [hopOf(stage, iif, 'received', direction)];
  if (lookup.refusal !== undefined) return came;
  if (lookup.type === 'local') return [...came, hopOf(stage, iif ?? '', 'delivered', `${direction} delivered`)];
  return [...came, hopOf(stage, lookup.dev ?? '', 'sent', direction)];
}

function hopOf({ host, netns, direction }: Stage, device: string, what: Hop['what'], text: string): Hop {
  return { direction, host, netns, device, what, text };
}
