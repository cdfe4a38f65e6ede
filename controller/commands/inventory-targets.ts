import { OrchErrors } from '../../proto/errors.ts';
import { ownUser } from '../../proto/own-user.ts';
import type { Target } from '../connect/types.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { expandLimit, hostOf, matchHosts } from '../inventory/select-hosts.ts';
import { targetOf } from '../inventory/target.ts';
import type { Inventory } from '../inventory/types.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { optionText } from '../source/origins.ts';
import { type Layer, varsLayer } from '../vars/layer.ts';
import { magicLayer } from '../vars/magic.ts';
import { createScope, variableOf } from '../vars/scope.ts';
import type { VarScope } from '../vars/types.ts';
import { type Args, text, texts } from './read-options.ts';
import { readReachOptions } from './run-options.ts';

/** A host, and who programs belong to there. */
export interface HostAccess {
  readonly target: Target;
  /** As the become rules of tasks say; empty: root. */
  readonly runAs: string;
}

/** The hosts that the command line names, in the order of the inventory. Throws OrchErrors for wrong input. */
export function inventoryTargets(args: Args): readonly Target[] {
  return inventoryHosts(args).map(({ target }) => target);
}

/** The same with the options of `loginOptions`. `option`: what of the command line `limit` is. */
export function inventoryHosts(args: Args, option = '--limit'): readonly HostAccess[] {
  const { inventory, errors, missing } = loadInventory(inventorySources(texts(args.inventory)));
  const wrong = [...errors, ...missing];
  if (wrong.length > 0) throw new OrchErrors(wrong);
  const limit = text(args.limit);
  const selected = matchHosts(inventory, optionText(option, limit === undefined ? 'all' : expandLimit(limit)));
  if (selected.errors.length > 0) throw new OrchErrors(selected.errors);
  const reach = readReachOptions(args);
  const defaults = { ...reach, keyFile: reach.privateKey, timeoutMs: reach.timeoutSeconds * 1000 };
  const said: Readonly<Record<string, unknown>> = {
    ansible_port: reach.port,
    ansible_ssh_args: reach.sshArgs,
    ansible_ssh_common_args: reach.sshCommonArgs,
    ansible_ssh_extra_args: reach.sshExtraArgs,
    ansible_become_user: reach.becomeUser,
  };
  return selected.hosts.map((host) => {
    const scope = hostScope(inventory, host);
    const variable = (name: string) => variableOf(scope, name) ?? said[name];
    const target = targetOf(host, variable, defaults);
    return { target, runAs: runAs(target, variable('ansible_become_user')) };
  });
}

function runAs(target: Target, becomeUser: unknown): string {
  const login = target.user ?? ownUser();
  const name = target.become ? String(becomeUser ?? 'root') : login;
  return name === 'root' ? '' : name;
}

function hostScope(inventory: Inventory, host: string, seen = (magic: Layer) => magic): VarScope {
  const magic = magicLayer({
    host,
    inventory,
    hostScope: (other, seen) => hostScope(inventory, other, seen),
    playHosts: () => [],
    playHostsAll: [],
    playBatch: () => [],
    commandLine: { check: false, diff: false, tags: [], skipTags: [], limit: undefined, verbosity: 0 },
    playbookDir: process.cwd(),
  });
  return createScope([varsLayer(hostOf(inventory, host)?.vars ?? new Map()), seen(magic)]);
}
