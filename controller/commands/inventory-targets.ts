import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { askedSecret } from '../connect/prompt.ts';
import type { Target } from '../connect/types.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { expandLimit, matchHosts } from '../inventory/select-hosts.ts';
import { targetOf } from '../inventory/target.ts';
import type { Inventory } from '../inventory/types.ts';
import { inventorySources } from '../run/inventory-sources.ts';
import { optionText } from '../source/origins.ts';
import { varsLayer } from '../vars/layer.ts';
import { magicLayer } from '../vars/magic.ts';
import { createScope, variableOf } from '../vars/scope.ts';
import type { VarScope } from '../vars/types.ts';

/** The hosts that the command line names, in the order of the inventory. Throws OrchErrors for wrong input. */
export function inventoryTargets(args: Readonly<Record<string, unknown>>): readonly Target[] {
  const { inventory, errors } = loadInventory(
    inventorySources(Array.isArray(args.inventory) ? args.inventory.map(String) : []),
  );
  if (errors.length > 0) throw new OrchErrors(errors);
  const limit = typeof args.limit === 'string' ? expandLimit(args.limit) : 'all';
  const selected = matchHosts(inventory, optionText('--limit', limit));
  if (selected.errors.length > 0) throw new OrchErrors(selected.errors);
  const timeoutMs = Number(args.timeout) * 1000;
  if (!(timeoutMs > 0)) {
    throw new OrchError({ code: 'invalid-option', summary: '--timeout takes a number of seconds above 0.' });
  }
  const defaults = {
    timeoutMs,
    become: false,
    acceptHostKey: args.acceptHostKey === true,
    password: args.askPass === true ? askedSecret('SSH password') : undefined,
    becomePassword: args.askBecomePass === true ? askedSecret('sudo password') : undefined,
  };
  return selected.hosts.map((host) => {
    const scope = hostScope(inventory, host);
    return targetOf(host, (name) => variableOf(scope, name), defaults);
  });
}

function hostScope(inventory: Inventory, host: string): VarScope {
  const magic = magicLayer({
    host,
    inventory,
    hostScope: (other) => hostScope(inventory, other),
    playHosts: () => [],
    playHostsAll: [],
    playBatch: () => [],
    commandLine: { check: false, diff: false, tags: [], skipTags: [], limit: undefined, verbosity: 0 },
    playbookDir: process.cwd(),
  });
  return createScope([varsLayer(inventory.hosts.get(host)?.vars ?? new Map()), magic]);
}
