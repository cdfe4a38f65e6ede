import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../linux/action.ts';
import type { Step } from '../../modules/module.ts';
import type { FoundAddresses } from '../losses/found-addresses.ts';
import type { Along } from '../losses/written-along.ts';
import { type Guard, mergeGuards, plannedGuard } from '../steps/guard.ts';
import type { Network } from '../steps/left-networks.ts';
import { broughtBy } from '../steps/moved-links.ts';
import { after, ipWords } from '../steps/touched.ts';
import { type LinkName, removalsOf, removedLink, removedPeer, vanishesWith } from '../steps/vanish.ts';

/** One change that a lab made, or was about to make, and what takes it back. */
export interface LedgerEntry {
  readonly seq: number;
  readonly run: string;
  readonly object: string;
  readonly part?: string | undefined;
  /** None: the lab made no change here, it wishes what another lab has brought about. */
  readonly undo: readonly Action[];
  /** The change took the object away: the lab doesn't own it, but gives it back. */
  readonly removes: boolean;
  readonly guard?: Guard | undefined;
  /** Written before the change; done after it. */
  readonly state: 'intended' | 'done';
  /** Boot id of the kernel that was changed. */
  readonly boot: string;
  /** The task's place in its playbook: file:line:column. */
  readonly where?: string | undefined;
  /** The lab that made the change and was destroyed since, or has lost it to this one. */
  readonly heirOf?: string | undefined;
  /** What undoing it has cost others, and is not back yet. */
  readonly owed?: readonly Action[] | undefined;
  /** In a journal: addresses that it may have disturbed, as they were before. */
  readonly found?: readonly FoundAddresses[] | undefined;
  /** In a journal: sysctls that the kernel may have written along with it, as they were before. */
  readonly sysctls?: Along | undefined;
  /** In a journal: the route that came along with its address. */
  readonly network?: Network | undefined;
  /** In a journal: links that its plan makes others ports of. */
  readonly masters?: readonly LinkName[] | undefined;
  /** In a journal: whose entry it was before the run, and its number there. */
  readonly taken?: { readonly lab: string; readonly seq: number } | undefined;
}

/** The lab only wishes it too: another one has what takes it back. */
export function isWish(entry: LedgerEntry): boolean {
  return entry.undo.length === 0;
}

/** It was only in the memory of a kernel that no longer runs. */
export function lost(entry: LedgerEntry, boot: string): boolean {
  return entry.boot !== boot && entry.undo.every((action) => action.op !== 'file' && action.op !== 'exec');
}

/** What all entries of one plan have in common. */
export interface EntryStamp {
  readonly run: string;
  readonly boot: string;
  readonly where?: string | undefined;
}

/** What one step means for the ledger: an entry to write before it, and entries that no longer hold after it. */
export interface Bookkeeping {
  readonly entry?: LedgerEntry | undefined;
  readonly fresh: boolean;
  readonly drops: readonly number[];
}

/**
 * Decides for the steps of one plan, in order:
 * - a step that is itself the inverse of an entry takes back that entry and what the lab did since to that object, or to
 *   that part of it;
 * - a step on something whose first state an entry already restores updates that entry (the original is kept once);
 * - any other step with an inverse gets an entry of its own;
 * - what vanishes with an object that is taken away is forgotten.
 */
export function keepBooks(
  present: readonly LedgerEntry[],
  steps: readonly Step[],
  stamp: EntryStamp & { readonly seq: number },
): readonly Bookkeeping[] {
  let entries = [...present];
  let seq = stamp.seq;
  return steps.map((step) => {
    const drops = dropped(entries, step);
    if (drops.length > 0) entries = entries.filter((entry) => !drops.includes(entry.seq));
    const takenBack = drops.some((number) => present.some((entry) => entry.seq === number && takesBack(step, entry)));
    if (takenBack || step.undo.length === 0) return { fresh: false, drops };

    const old = entries.find(
      (entry) => entry.object === step.object && restoresTheSame(entry.undo, step.undo) && !hasLeft(entry, entries),
    );
    const entry: LedgerEntry = {
      seq: old?.seq ?? seq++,
      run: stamp.run,
      object: step.object,
      part: old === undefined ? step.part : old.part,
      undo: old?.undo ?? step.undo,
      removes: step.removes ?? false,
      guard: mergeGuards(old?.guard, plannedGuard(step.action)),
      state: 'intended',
      boot: stamp.boot,
      where: stamp.where,
      ...(old?.owed && { owed: old.owed }),
    };
    entries = [...entries.filter((other) => other !== old), entry];
    return { entry, fresh: old === undefined, drops };
  });
}

function dropped(all: readonly LedgerEntry[], step: Step): readonly number[] {
  // A ledger has thousands of entries, and only what takes things away concerns more than one object.
  const entries = step.removes === true ? all : all.filter((entry) => entry.object === step.object);
  const reverted = entries.findLast((entry) => takesBack(step, entry) && !hasLeft(entry, all));
  // What the inverse would bring back along with the link is gone for good where there is no inverse to come.
  const removals = reverted === undefined ? [step.action] : removalsOf(step);
  const isOver = (entry: LedgerEntry) => {
    if (entry === reverted) return true;
    if (entry.object === step.object && (isWish(entry) || (step.removes && step.undo.length === 0))) return true;
    return concerns(step, entry) && reverted !== undefined && entry.seq >= reverted.seq;
  };
  const rest = all.filter((entry) => !isOver(entry));
  const taken = removals.map((removal) => ({ removal, since: lastBack(removed(removal), rest) }));
  const goesAlong = (entry: LedgerEntry) =>
    step.removes === true &&
    entry.object !== step.object &&
    !isWish(entry) &&
    // Older ones are about the link that comes back.
    entry.undo.every((undo) => taken.some(({ removal, since }) => entry.seq > since && vanishesWith(undo, removal)));
  return entries.filter((entry) => isOver(entry) || goesAlong(entry)).map((entry) => entry.seq);
}

/** A step on the whole object concerns all that was done to it; one on a part, only what was done to that part. */
function concerns(step: Step, entry: LedgerEntry): boolean {
  return entry.object === step.object && (step.part === undefined || step.part === entry.part);
}

function takesBack(step: Step, entry: LedgerEntry): boolean {
  // A step without an inverse sets up what was just made, and the entry is about another thing of that name.
  if (step.undo.length === 0 && step.removes !== true) return false;
  if (concerns(step, entry) && isDeepStrictEqual(plain([step.action]), plain(withoutReplaced(entry.undo)))) return true;
  const peer = removedPeer(step);
  const [undo, ...more] = entry.undo;
  return peer !== undefined && undo !== undefined && more.length === 0 && isDeepStrictEqual(removedLink(undo), peer);
}

/** An inverse that replaces a route takes away the one that it replaces first. */
function withoutReplaced(undo: readonly Action[]): readonly Action[] {
  const [replaced, back] = undo;
  return undo.length === 2 && isRoute(replaced, 'delete') && isRoute(back, 'replace') ? undo.slice(1) : undo;
}

function isRoute(action: Action | undefined, verb: string): boolean {
  if (action?.op !== 'ip') return false;
  const [object, said] = ipWords(action.args);
  return object === 'route' && said === verb;
}

/** Both bring back one and the same thing, so the older one is enough. */
function restoresTheSame(old: readonly Action[], next: readonly Action[]): boolean {
  if (isDeepStrictEqual(plain(old), plain(next))) return true;
  const subjects = old.map(subject);
  return !subjects.includes(undefined) && isDeepStrictEqual(subjects, next.map(subject));
}

/** What the lab made has gone elsewhere since, or along with something else, and comes back before it is taken away. */
function hasLeft({ seq, undo }: LedgerEntry, entries: readonly LedgerEntry[]): boolean {
  return undo.some((action) => lastBack(removed(action), entries) > seq);
}

/** The number of the last entry that brings something back, or moves it back there; 0 where none does. */
function lastBack(thing: string | undefined, entries: readonly LedgerEntry[]): number {
  if (thing === undefined) return 0;
  const brings = ({ undo }: LedgerEntry) => undo.some((action) => brought(action).includes(thing));
  return Math.max(0, ...entries.filter(brings).map(({ seq }) => seq));
}

/** Whether what an action brings is to be taken away by an entry of its object yet: routes of one object may lead elsewhere. */
export function takesAway({ undo }: LedgerEntry, action: Action): boolean {
  return undo.some((inverse) => isAgainst(inverse, action));
}

/** Whether the inverse takes that away, or puts something else in its place. */
function isAgainst(inverse: Action, action: Action): boolean {
  if (inverse.op !== 'ip' || action.op !== 'ip' || inverse.netns !== action.netns) return false;
  const [object, verb, ...key] = ipWords(inverse.args);
  const [kind, , ...words] = ipWords(action.args);
  if (object !== kind || key[0] !== words[0]) return false;
  // The object has its metric, of which ip says none where it is the usual one.
  const isSaid = (word: string, at: number) => words.includes(word) || [word, key[at - 1]].includes('metric');
  const apart = kind === 'route' ? 'table' : 'dev';
  if (verb === 'replace') return after(key, apart) === after(words, apart);
  return verb === 'delete' && key.every(isSaid);
}

/** The link or address that an action takes away. */
export function removed(action: Action): string | undefined {
  const link = removedLink(action);
  return link === undefined ? addressOf(action, 'delete') : linkKey(link);
}

/** The links and the address that an action makes, or moves there. */
function brought(action: Action): readonly (string | undefined)[] {
  return [...broughtBy(action).map(linkKey), addressOf(action, 'add')];
}

function linkKey({ netns = '', name }: LinkName): string {
  return `${netns}/${name}`;
}

function addressOf(action: Action, verb: string): string | undefined {
  if (action.op !== 'ip' || action.args[0] !== 'address' || action.args[1] !== verb) return undefined;
  // The other end of a point-to-point address stands before the link.
  return [action.netns, ...action.args.slice(2, action.args.indexOf('dev') + 2)].join(' ');
}

/** What an action sets as a whole, whatever it was before; undefined for actions that depend on the state before. */
function subject(action: Action): string | undefined {
  if (action.op === 'sysctl') return `sysctl ${action.netns ?? ''} ${action.key}`;
  if (action.op === 'nft') return `nft ${action.netns ?? ''} ${action.family} ${action.table}`;
  if (action.op === 'wg') return `wg ${action.netns ?? ''} ${action.dev}`;
  if (action.op === 'tc') return action.clear && `${action.clear === 'root'} ${action.netns ?? ''} ${action.dev}`;
  if (action.op === 'daemon') return daemonSubject(action.daemon);
  if (action.op === 'daemon-remove') return daemonSubject(action);
  // ethtool takes an option, the device, and names with their values.
  if (action.op === 'ethtool') {
    return ['ethtool', action.netns ?? '', ...action.args.filter((_, at) => at < 2 || at % 2 === 0)].join(' ');
  }
  if (action.op !== 'file') return undefined;
  const { do: verb, path } = action.file;
  if (verb === 'write' || verb === 'unlink') return `content ${path}`;
  return verb === 'mode' || verb === 'owner' ? `${verb} ${path}` : undefined;
}

function daemonSubject({ name, netns }: { readonly name: string; readonly netns?: string | undefined }): string {
  return `daemon ${netns ?? ''}/${name}`;
}

/** Without the keys that are undefined, as JSON keeps it. */
function plain(actions: readonly Action[]): unknown {
  return JSON.parse(JSON.stringify(actions));
}
