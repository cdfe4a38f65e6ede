import { OrchError } from '../../../proto/errors.ts';
import { LazyMap } from '../../template/python/values.ts';
import { connectionNames } from '../../vars/connection-names.ts';
import type { HostWalk } from '../state.ts';
import { type Item, labelOf } from '../task/items.ts';
import type { Outcome } from '../task/outcome.ts';
import { addressOf } from '../task/scopes.ts';
import { nearest } from '../task/settings.ts';
import { shellVariable } from '../task/task-params.ts';
import type { TaskRun } from '../task/task-run.ts';
import type { TaskScope } from '../task/task-scope.ts';

/** Whom an item is delegated to. */
interface Delegate {
  readonly host: string;
  readonly address: unknown;
}

/** An item with the host that does it, where that is not the task's own. */
export interface DelegatedItem extends Item {
  readonly delegate?: Delegate;
  /** Why it can't be said who does it: that doesn't matter to an item that is skipped. */
  readonly fault?: OrchError;
}

/** An item as the host sees it that does it. Throws Pending. */
export function delegated({ chain, walk, task }: TaskRun, item: Item): DelegatedItem {
  try {
    const said = nearest(chain, 'delegateTo');
    const named = said && item.scope.render(said);
    if (!said || named === '' || named === null || item.scope.isOmitted(named)) return item;
    const host = String(named);
    const address = variableBy(connectionNames.host, delegateScope(walk, host)) ?? host;
    const scope = item.scope.with(delegateVars(walk, host, address, item.scope));
    const label = task.loop ? labelOf(task, scope, item.keys[String(item.keys.ansible_loop_var)]) : item.label;
    return { ...item, delegate: { host, address }, scope, label };
  } catch (fault) {
    if (fault instanceof OrchError) return { ...item, fault };
    throw fault;
  }
}

/** What an item came to, told with the host that did it. */
export function toldOf({ delegate }: DelegatedItem, { walk }: TaskRun, outcome: Outcome): Outcome {
  if (delegate === undefined || delegate.host === walk.host) return outcome;
  const { host, address } = delegate;
  return { ...outcome, delegate: host, delegateAddress: address === host ? undefined : String(address) };
}

/** What says the shell of a delegated task: variables of the task, or those that who does it has in this play, as in Ansible. */
export function shellScope({ chain, walk: { play } }: TaskRun, own: TaskScope, host: string): TaskScope {
  if (chain.some(({ vars }) => vars.has(shellVariable))) return own;
  return play.run.scope(play, { host, vars: [], params: [], locals: {} });
}

/** Variables of the host that does a delegated task; undefined for one of no inventory. */
function delegateScope({ play }: HostWalk, delegate: string): TaskScope | undefined {
  if (!play.run.inventory.host(delegate)) return undefined;
  return play.run.scope(undefined, { host: delegate, vars: [], params: [], locals: {} });
}

function variableBy(names: readonly string[], scope: TaskScope | undefined): unknown {
  const said = names.find((name) => scope?.has(name));
  return said === undefined ? undefined : scope?.variable(said);
}

/** Both names of what says how that host is reached, but for its address. */
const { host: addressNames, ...reachNames } = connectionNames;

/** What a delegated task sees of the host that does it: how that one is reached, unless a variable says it of its own host. */
function delegateVars(walk: HostWalk, delegate: string, address: unknown, scope: TaskScope): Record<string, unknown> {
  const { host } = walk;
  const others = delegateScope(walk, delegate);
  const value = (name: string) => ({ inventory_hostname: host, ansible_host: address })[name] ?? others?.variable(name);
  const seen = new LazyMap({ has: (name) => value(name) !== undefined, get: value, names: () => [] });
  const isUnsaid = scope.variable('ansible_host') === addressOf(host, walk.play.run.inventory.current);
  const own = isUnsaid ? Object.fromEntries(addressNames.map((name) => [name, address])) : {};
  for (const names of Object.values(reachNames)) {
    if (!names.some((name) => others?.has(name)) || names.some((name) => scope.has(name))) continue;
    // A password may take its time: it is found out for who asks.
    const property = { enumerable: true, get: () => variableBy(names, others) };
    for (const name of names) Object.defineProperty(own, name, property);
  }
  return Object.assign(own, { ansible_delegated_vars: { [delegate]: seen } });
}
