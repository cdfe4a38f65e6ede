import type { Action } from '../../linux/action.ts';
import { allDifferences, sameItem } from './compare.ts';
import { touches } from './relation.ts';
import { type Difference, type HostState, type Item, type NetnsState, ownNetns, type Section } from './state.ts';
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

function follow(snapshot: HostState, changes: readonly Difference[]): HostState {
  let state = snapshot;
  for (const { netns, section, key, before, after } of changes) {
    const known = state[netns];
    if (known === undefined || section === 'netns') continue;
    if (sameItem(section, known.items[section][key], before)) {
      state = { ...state, [netns]: replaced(known, section, key, after) };
    }
  }
  return state;
}

function replaced(state: NetnsState, section: Section, key: string, item: Item | undefined): NetnsState {
  const { [key]: _, ...others } = state.items[section];
  const items = item === undefined ? others : { ...others, [key]: item };
  return { ...state, items: { ...state.items, [section]: items } };
}
