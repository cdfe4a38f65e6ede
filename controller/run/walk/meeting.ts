import { type AnyAction, type WalkOrder, walkOrders } from '../../actions/action.ts';
import type { Common, Task } from '../../playbook/types.ts';
import { type Position, positionKey } from '../position.ts';
import type { PlayRun } from '../state.ts';
import { nearest } from '../task/settings.ts';

const readsOthers = new WeakMap<Task, boolean>();

/** True when the task ends the play for everyone, so that all hosts must have come this far and no further. */
export function endsPlay(task: Task): boolean {
  return orders(task, 'end_play', 'end_batch');
}

/** What a meta says; undefined for another task. */
export function orderOf({ module, args }: Task): WalkOrder | undefined {
  if (module !== 'meta') return undefined;
  return walkOrders.find((order) => Object.values(args.value).includes(order));
}

/** True when the task is a meta that says one of these. */
export function orders(task: Task, ...wanted: readonly WalkOrder[]): boolean {
  const order = orderOf(task);
  return order !== undefined && wanted.includes(order);
}

/** True when hosts meet before an entry for what it turned out to be, or for how their play goes. */
export function meetsAt(play: PlayRun, position: Position): boolean {
  return play.inStep || play.looked.has(positionKey(position));
}

/** True when hosts must meet before the task: it looks at other hosts, works on them, or has them take turns. */
export function looksAtOthers(task: Task, chain: readonly Common[], action: AnyAction | undefined): boolean {
  if (action?.barrier || endsPlay(task) || nearest(chain, 'delegateTo') || nearest(chain, 'throttle')) return true;
  let known = readsOthers.get(task);
  if (known === undefined) {
    known = chain.some((entry) => mentionsOthers(Object.values(entry).filter((part) => part !== task.name)));
    readsOthers.set(task, known);
  }
  return known;
}

/** Looks through what was written, not into the files it came from. */
function mentionsOthers(part: unknown): boolean {
  if (typeof part === 'string') return /\b(?:hostvars|ansible_play_hosts|ansible_play_batch|play_hosts)\b/.test(part);
  if (part instanceof Map) return [...part.values()].some(mentionsOthers);
  if (Array.isArray(part)) return part.some(mentionsOthers);
  if (typeof part !== 'object' || part === null) return false;
  if ('origin' in part && 'value' in part) return mentionsOthers(part.value);
  return 'kind' in part ? false : Object.values(part).some(mentionsOthers);
}
