import { randomInt } from 'node:crypto';
import { OrchError } from '../../../proto/errors.ts';
import { type DestroyResponse, DestroyResponse_Outcome as Outcome } from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { deleteLink } from '../../modules/shared/link/actions.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import { addressesBack } from '../losses/found-addresses.ts';
import { costsOf } from '../losses/losses.ts';
import { noteSecondaries } from '../losses/secondaries.ts';
import { noteAlong } from '../losses/written-along.ts';
import { applyInverse } from '../steps/apply-inverse.ts';
import { describeActions } from '../steps/describe.ts';
import { asOrchError } from '../steps/diagnostic.ts';
import { goneReason, objection } from '../steps/guard.ts';
import { leftNetwork } from '../steps/left-networks.ts';
import { ipWords } from '../steps/touched.ts';
import { refusal, unlessRefused } from '../steps/unless-refused.ts';
import { removedLink, vanishesWith } from '../steps/vanish.ts';
import type { BroughtBack } from './brought-back.ts';
import { noteCosts, type UndoBooks } from './costs-of-undo.ts';
import { FreePorts } from './free-ports.ts';
import { onlyLink, type Taken } from './undo-order.ts';

/** The inverses that were carried out. */
export function undoneIn(lot: readonly Taken[]): readonly Action[] {
  return lot.flatMap(({ entry, response }) => (response.outcome === Outcome.UNDONE ? entry.undo : []));
}

interface Taking {
  readonly check: boolean;
  /** Nobody else can have changed what the entry is about. */
  readonly ours?: boolean;
  /** The inverses as they are to be carried out. */
  readonly undo?: readonly Action[];
  /** Gets what the inverses cost and can't be put back yet. */
  readonly putOff: Action[];
  readonly books?: Books | undefined;
}

/** A ledger or journal whose entries are taken back; what one of them costs others is written down at it. */
interface Books extends Pick<UndoBooks, 'undoes'> {
  owe(entry: LedgerEntry, owed: readonly Action[]): void;
}

/** What an entry costs is written down at it. */
export function booksAt(entry: LedgerEntry, books: Books | undefined): UndoBooks | undefined {
  return books && { undoes: (action, object) => books.undoes(action, object), owe: (owed) => books.owe(entry, owed) };
}

/** Carries out the inverses of a lot; `takeOne`: of those that are not taken away together. */
export async function takeLotBack(
  lot: readonly LedgerEntry[],
  back: BroughtBack,
  host: ActingHost,
  taking: Taking,
  takeOne: (entry: LedgerEntry) => Promise<DestroyResponse>,
): Promise<readonly Taken[]> {
  const isOne = lot.length === 1 || taking.check;
  const together = isOne ? new Set<LedgerEntry>() : await removeTogether(lot, back, host, taking);
  const taken: Taken[] = [];
  for (const entry of lot) {
    const response = together.has(entry) ? undone(entry) : await takeOne(entry);
    taken.push({ entry, response });
  }
  return taken;
}

/**
 * Takes links away by one command: the kernel then waits once for all who may still use one of them, not for each link
 * (unregister_netdevice_many() in net/core/dev.c). Returns those that are gone; the others have to be looked at one by one.
 */
async function removeTogether(
  lot: readonly LedgerEntry[],
  back: BroughtBack,
  host: ActingHost,
  { putOff, books }: Taking,
): Promise<ReadonlySet<LedgerEntry>> {
  const own = new Set<LedgerEntry>();
  try {
    const [first] = lot;
    for (const entry of lot) {
      const ours = back.has(entry.guard) || (await objection(entry, host)) === undefined;
      if (ours && back.waiting(entry.undo) === undefined) own.add(entry);
    }
    // One that nobody else has.
    const group = String(randomInt(2 ** 30, 2 ** 31 - 1));
    const links = [...own].flatMap((entry) => onlyLink(entry) ?? []);
    const netns = links[0]?.netns;
    const ip = (...args: string[]) => host.apply({ op: 'ip', netns, args });
    for (const { name } of links) await ip('link', 'set', 'dev', name, 'group', group);
    const costs = await noteCosts(
      links.map(({ name }) => deleteLink(netns, name)),
      putOff,
      host,
      first && booksAt(first, books),
    );
    if (links.length > 0) await ip('link', 'delete', 'group', group);
    await costs();
    return own;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return new Set();
  }
}

/** Carries the inverses of an entry out, or foretells it. */
export async function takeBack(
  entry: LedgerEntry,
  back: BroughtBack,
  host: ActingHost,
  { check, ours = false, undo: inverses = entry.undo, putOff, books }: Taking,
): Promise<DestroyResponse> {
  const now = back.named({ ...entry, undo: inverses });
  const { undo, guard } = now;
  try {
    const waiting = back.waiting(undo);
    if (waiting !== undefined) throw new OrchError({ code: 'command-failed', summary: waiting });
    const reason = ours || back.has(guard) ? undefined : await objection({ guard, undo }, host);
    if (reason === goneReason && !check) await putBack(owedBy(undo), putOff, host, books);
    if (reason !== undefined) return left(now, reason);
    if (check) return (await back.foretell(undo, host)) ? undone(now) : left(now, goneReason);
    const along = await noteAlong(entry, host);
    const costs = await noteCosts(undo, putOff, host, booksAt(entry, books));
    let found: boolean;
    try {
      found = await applyAll(undo, host, back, along);
    } finally {
      await costs();
      await withoutNetwork(now, host);
    }
    await addressesAsFound(entry, host);
    return found ? undone(now) : left(now, goneReason);
  } catch (error) {
    back.miss(undo);
    return told(now, Outcome.FAILED, asOrchError(error).summary);
  }
}

/** What the link of an entry has cost others, which is gone: an agent was killed at that, or somebody else took it away. */
function owedBy([removal, ...rest]: readonly Action[]): readonly Action[] {
  if (removal === undefined || removedLink(removal) === undefined) return [];
  return rest.filter((action) => isOnLink(action) && !vanishesWith(action, removal));
}

/** Puts back what may be put back yet, in its turn: some of it may be taken back itself after that. The rest is put off, but for that. */
async function putBack(
  actions: readonly Action[],
  putOff: Action[],
  host: ActingHost,
  books: Pick<Books, 'undoes'> | undefined,
): Promise<void> {
  for (const action of actions)
    if (!(await unlessRefused(() => applyInverse(action, host))) && !books?.undoes(action)) putOff.push(action);
}

/** The address of the entry may have left the route that came with it. */
async function withoutNetwork({ undo: [action], network }: LedgerEntry, host: ActingHost): Promise<void> {
  if (network === undefined || action?.op !== 'ip') return;
  await unlessRefused(async () => void (await applyAll(await leftNetwork(network, action.netns, host), host)));
}

/** What an undo before this one, which was broken off, has cost others and left to this one: as far as it can be put back yet. */
export async function putBackOwed(entries: readonly LedgerEntry[], putOff: Action[], host: ActingHost): Promise<void> {
  putOff.push(...entries.flatMap(({ owed = [] }) => owed));
  await putBackLast(putOff, host);
}

/** Puts back what was put off, once all else is done. What of it is refused; that stays put off. */
export async function putBackLast(putOff: Action[], host: ActingHost): Promise<readonly DestroyResponse[]> {
  const left: DestroyResponse[] = [];
  const once = new Map(putOff.splice(0).map((action) => [JSON.stringify(action), action]));
  for (const action of once.values()) {
    const why = await refusal(() => applyInverse(action, host));
    if (why === undefined) continue;
    putOff.push(action);
    // What it was on may be gone, too.
    if (why.code === 'missing-object') continue;
    const reason = `it went along, and cannot be put back: ${why.summary}`;
    left.push({ object: describeActions([action]), what: '', outcome: Outcome.LEFT, reason });
  }
  return left;
}

function told({ object, undo }: LedgerEntry, outcome: Outcome, reason = ''): DestroyResponse {
  return { object, what: describeActions(undo), outcome, reason };
}

function undone(entry: LedgerEntry): DestroyResponse {
  return told(entry, Outcome.UNDONE);
}

export function left(entry: LedgerEntry, reason: string): DestroyResponse {
  return told(entry, Outcome.LEFT, reason);
}

/** What the inverses don't bring back of addresses that the step disturbed. */
async function addressesAsFound({ found = [] }: LedgerEntry, host: ActingHost): Promise<void> {
  for (const section of ['addresses', 'address orders'] as const) {
    for (const place of found) {
      const actions = await addressesBack(place, section, host);
      await applyAll([...actions, ...(await costsOf(actions, host))], host);
    }
  }
}

/**
 * False when nothing that the actions work on was there; what is refused is thrown once others are back that don't hang on it.
 * `back` notes what was brought back; `along` comes behind the first of them.
 */
export async function applyAll(
  actions: readonly Action[],
  host: ActingHost,
  back?: BroughtBack,
  along?: () => Promise<void>,
): Promise<boolean> {
  let found = false;
  const refused: unknown[] = [];
  const free = new FreePorts();
  const secondaries = await noteSecondaries(actions, host);
  for (const [at, action] of actions.entries()) {
    // What may be there by now may be tried again and again.
    if (refused.length > 0 && !isOnLink(action)) continue;
    if (free.concerns(action)) continue;
    try {
      if (!(await back?.isThere(actions.slice(at), host))) await applyInverse(action, host, back?.carriedBy);
      back?.note(action);
      found = true;
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      free.note(action, error);
      if (error.code !== 'missing-object') {
        // By the name of what is not back there may be another one.
        if (!isOnLink(action)) throw error;
        refused.push(error);
      }
    }
    if (at === 0) await along?.();
  }
  for (const action of await secondaries()) await host.apply(action);
  if (refused.length > 0) throw refused[0];
  return found;
}

/** Brings back what stands on a link, and is what others hang on no more than it does. */
function isOnLink(action: Action): boolean {
  if (action.op !== 'ip' || !action.ifMissing) return false;
  return ['address', 'route', 'neighbour', 'nexthop', 'rule'].includes(ipWords(action.args)[0] ?? '');
}
