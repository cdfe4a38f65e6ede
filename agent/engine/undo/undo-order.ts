import { type DestroyResponse, DestroyResponse_Outcome as Outcome } from '../../../proto/gen/orch/v1/agent.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import { goneReason } from '../steps/guard.ts';
import { turnOfOthers } from '../steps/in-turns.ts';
import { type LinkName, removedLink } from '../steps/vanish.ts';
import { alongWithNamespaces } from './goes-along.ts';

export interface Taken {
  readonly entry: LedgerEntry;
  readonly response: DestroyResponse;
}

/**
 * Takes entries back in turn, what is done at once together; what goes along with a namespace is told with it. What fails is tried
 * again after the others: a route may need an address that an older entry brings back. Older entries of its object wait until then,
 * or until it has failed for good, and may then do all that is to be done: each was made of what the older ones had left.
 */
export async function* takeAllBack(
  inOrder: readonly LedgerEntry[],
  takeLot: (lot: readonly LedgerEntry[]) => Promise<readonly Taken[]>,
): AsyncGenerator<readonly Taken[]> {
  const along = new Map(alongWithNamespaces(inOrder));
  const following = new Set([...along.values()].flat());
  const lost: Taken[] = [];
  let pending = inOrder.filter((entry) => !following.has(entry));
  while (pending.length > 0) {
    const failed: Taken[] = [];
    const waiting = new Set<LedgerEntry>();
    let isStuck = true;
    const lots = [...lotsOf(pending)];
    for (let lot = lots.shift(); lot !== undefined; lot = lots.shift()) {
      await turnOfOthers();
      const isReady = ({ object }: LedgerEntry) => failed.every(({ entry }) => entry.object !== object);
      for (const entry of lot) if (!isReady(entry)) waiting.add(entry);
      const over: Taken[] = [];
      for (const taken of await takeLot(lot.filter(isReady))) {
        const { entry, response } = taken;
        const followers = along.get(entry) ?? [];
        along.delete(entry);
        const isBehind = isForeign(taken) && lost.some((newer) => isSameThing(newer.entry, entry));
        if (isBehind || response.outcome === Outcome.FAILED) {
          if (isBehind) lost.push({ entry, response: { ...response, outcome: Outcome.FAILED, reason: behindNewer } });
          else failed.push(taken);
          // The namespace is still there, and with it what is inside.
          lots.unshift(...followers.map((follower) => [follower]));
          continue;
        }
        isStuck = false;
        over.push(...followers.map((each) => ({ entry: each, response: { ...response, object: each.object } })), taken);
        for (const newer of lost.splice(0)) lost.push(isOverWith(newer, taken) ? leftTo(newer) : newer);
      }
      yield over;
    }
    if (isStuck) lost.push(...failed);
    const again = isStuck ? waiting : new Set([...failed.map(({ entry }) => entry), ...waiting]);
    pending = inOrder.filter((entry) => again.has(entry));
  }
  yield lost;
}

/** What it finds is what the newer one has left there. */
const behindNewer = 'a later change of it has to be taken back before';

/** It is left for what it is now. */
function isForeign({ entry, response: { outcome, reason } }: Taken): boolean {
  return outcome === Outcome.LEFT && reason !== goneReason && entry.undo.length > 0;
}

function isSameThing(one: LedgerEntry, other: LedgerEntry): boolean {
  return one.object === other.object && one.part === other.part;
}

/** An older entry has brought the same thing back to what it was before both. */
function isOverWith({ entry: newer }: Taken, { entry, response }: Taken): boolean {
  return response.outcome === Outcome.UNDONE && isSameThing(entry, newer);
}

function leftTo({ entry, response }: Taken): Taken {
  return { entry, response: { ...response, outcome: Outcome.LEFT, reason: 'an earlier change of it was taken back' } };
}

/** For fewer it is not worth while to go another way. */
const fewestLinks = 4;

/** The entries in order, with links of one namespace that are taken away one after the other together. */
function lotsOf(inOrder: readonly LedgerEntry[]): readonly (readonly LedgerEntry[])[] {
  const lots: LedgerEntry[][] = [];
  for (const entry of inOrder) {
    const lot = lots.at(-1);
    const [link, last] = [onlyLink(entry), lot?.[0] && onlyLink(lot[0])];
    if (link !== undefined && last !== undefined && link.netns === last.netns) lot?.push(entry);
    else lots.push([entry]);
  }
  return lots.flatMap((lot) => (lot.length < fewestLinks ? lot.map((entry) => [entry]) : [lot]));
}

/** The link that was made, where there is no more to it than to take it away again. */
export function onlyLink({ undo, removes, guard }: LedgerEntry): LinkName | undefined {
  const [action] = undo;
  const isOne = undo.length === 1 && !removes && guard?.kind === 'link';
  return isOne && action !== undefined ? removedLink(action) : undefined;
}
