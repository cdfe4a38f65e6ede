import type { Action } from '../../linux/action.ts';
import { inTurns } from '../in-turns.ts';
import { allDifferences, sameItem } from './compare.ts';
import { touches } from './relation.ts';
import { type Difference, type HostState, type Item, type NetnsState, own, ownNetns } from './state.ts';
import { namespacesOf } from './touched.ts';

/**
 * A snapshot after something else was changed for good: what one lab's undo changed from `from` to `to` was never the
 * doing of another lab, so that lab's snapshot follows wherever it said the same as `from`. Pure; the same object when
 * nothing follows.
 */
export async function rebase(snapshot: HostState, from: HostState, to: HostState): Promise<HostState> {
  return follow(snapshot, await allDifferences(from, to));
}

/**
 * A lab's snapshot once it has taken over what another did: `actions` would undo that. The host was as the other lab found
 * it, in all that they touch. Namespaces that they delete had no state before. Pure.
 */
export async function inherited(
  snapshot: HostState,
  { before, found }: { readonly before: HostState; readonly found: HostState },
  actions: readonly Action[],
): Promise<HostState> {
  const touched = new Set([ownNetns, ...actions.flatMap(namespacesOf).map((netns) => netns ?? ownNetns)]);
  const gone = new Set(actions.flatMap((action) => (action.op === 'netns-delete' ? [action.name] : [])));
  const known = { ...only(found, (netns) => touched.has(netns)), ...snapshot };
  const undone = (await allDifferences(found, before)).filter((one) => actions.some((action) => touches(action, one)));
  return follow(
    only(known, (netns) => !gone.has(netns)),
    undone,
  );
}

function only(state: HostState, wanted: (netns: string) => boolean): HostState {
  return Object.fromEntries(Object.entries(state).filter(([netns]) => wanted(netns)));
}

async function follow(snapshot: HostState, changes: readonly Difference[]): Promise<HostState> {
  const state: Record<string, NetnsState> = { ...snapshot };
  // Copied once: a link that goes takes a hundred sysctls out of thousands along.
  const copies = new Map<string, Record<string, Item>>();
  await inTurns(changes, ({ netns, section, key, before, after }) => {
    const known = own(state, netns);
    if (known === undefined || section === 'netns') return;
    if (!sameItem(section, own(known.items[section], key), before)) return;
    const place = `${section} ${netns}`;
    const items = copies.get(place) ?? { ...known.items[section] };
    if (after === undefined) delete items[key];
    else items[key] = after;
    if (copies.has(place)) return;
    copies.set(place, items);
    state[netns] = { ...known, items: { ...known.items, [section]: items } };
  });
  return copies.size === 0 ? snapshot : state;
}
