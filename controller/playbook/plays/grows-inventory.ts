import type { Entry, Playbook } from '../types.ts';
import { anyEntry } from './any-entry.ts';

const growing: ReadonlySet<string> = new Set(['add_host', 'group_by']);

/** True when there may be hosts and groups that no inventory names before the run: tasks add them, or an unknown file may. */
export function growsInventory({ plays }: Playbook): boolean {
  return plays.some(({ entries, handlers }) => anyEntry([...entries, ...handlers], mayGrow));
}

function mayGrow(entry: Entry): boolean {
  if (entry.kind === 'include') return entry.entries === undefined;
  if (entry.kind !== 'task') return false;
  return growing.has(entry.module) || (entry.module === 'meta' && entry.args.value.free_form === 'refresh_inventory');
}
