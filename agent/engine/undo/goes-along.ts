import type { Action } from '../../linux/action.ts';
import type { LedgerEntry } from '../books/ledger-entry.ts';
import { ipWords, namespacesOf } from '../steps/touched.ts';

/** What is set in a namespace, and nowhere else to be seen. */
const settings = new Set(['address', 'route', 'rule', 'neighbour', 'nexthop']);

/**
 * Of what is undone in this order: the removals of namespaces, each with the changes before it that are gone with the
 * namespace, and that nobody outside of it would see undone. Links are taken away by themselves: they may have another end.
 * Where something is brought out of the namespace again, all is undone in turn: it would keep what was set. Pure.
 */
export function alongWithNamespaces(inOrder: readonly LedgerEntry[]): ReadonlyMap<LedgerEntry, readonly LedgerEntry[]> {
  const inside = new Map<string, LedgerEntry[]>();
  const kept = new Set<string>();
  const along = new Map<LedgerEntry, readonly LedgerEntry[]>();
  for (const entry of inOrder) {
    for (const action of entry.undo) {
      const places = new Set(namespacesOf(action));
      if (places.size > 1) for (const place of places) if (place !== undefined) kept.add(place);
    }
    const [removal] = entry.undo;
    if (removal?.op === 'netns-delete' && entry.undo.length === 1) {
      const followers = inside.get(removal.name) ?? [];
      if (!kept.has(removal.name) && followers.length > 0) along.set(entry, followers);
      inside.delete(removal.name);
      continue;
    }
    const netns = placeOf(entry);
    if (netns !== undefined) inside.set(netns, [...(inside.get(netns) ?? []), entry]);
  }
  return along;
}

/** The one namespace that the entry is about, where nothing of it can outlast that. */
function placeOf({ undo }: LedgerEntry): string | undefined {
  const [first, ...more] = undo;
  const netns = first === undefined ? undefined : namespacesOf(first)[0];
  const inIt = (action: Action) => namespacesOf(action).every((place) => place === netns) && isSetting(action);
  return netns !== undefined && first !== undefined && [first, ...more].every(inIt) ? netns : undefined;
}

function isSetting(action: Action): boolean {
  if (action.op === 'sysctl' || action.op === 'nft' || action.op === 'nft-rule') return true;
  if (action.op !== 'ip') return false;
  const [object = '', verb, dev, _, state, ...rest] = ipWords(action.args);
  if (settings.has(object)) return true;
  const isState = state === 'up' || state === 'down';
  return object === 'link' && verb === 'set' && dev === 'dev' && isState && rest.length === 0;
}
