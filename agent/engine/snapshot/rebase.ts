import { allDifferences, sameItem } from './compare.ts';
import type { HostState, Item, NetnsState, Section } from './state.ts';

/**
 * A snapshot after something else was changed for good: what one lab's undo changed from `from` to `to` was never the
 * doing of another lab, so that lab's snapshot follows wherever it said the same as `from`. Pure; the same object when
 * nothing follows.
 */
export async function rebase(snapshot: HostState, from: HostState, to: HostState): Promise<HostState> {
  let state = snapshot;
  for (const { netns, section, key, before, after } of await allDifferences(from, to)) {
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
