import type { Argv } from 'yargs';
import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { askedSecret } from '../connect/prompt.ts';
import type { Target } from '../connect/types.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { expandLimit, matchHosts } from '../inventory/select-hosts.ts';
import { targetOf } from '../inventory/target.ts';
import type { Inventory } from '../inventory/types.ts';
import { optionText } from '../source/origins.ts';
import { files, readState } from '../testbed/state.ts';
import { varsLayer } from '../vars/layer.ts';
import { magicLayer } from '../vars/magic.ts';
import { createScope, variableOf } from '../vars/scope.ts';
import type { VarScope } from '../vars/types.ts';

/** Options of commands that contact hosts of an inventory, without a playbook. */
export function targetOptions(yargs: Argv): Argv {
  return yargs.options({
    inventory: { alias: 'i', type: 'string', array: true, nargs: 1, describe: 'Inventory file, folder or "host,host"' },
    limit: { alias: 'l', type: 'string', describe: 'Only these hosts (a pattern)' },
    'accept-host-key': { type: 'boolean', describe: 'Trust hosts that known_hosts does not know, and remember them' },
    'ask-pass': { alias: 'k', type: 'boolean', describe: 'Ask for the SSH password' },
    'ask-become-pass': { alias: 'K', type: 'boolean', describe: 'Ask for the sudo password' },
    timeout: { alias: 'T', type: 'number', default: 10, describe: 'Seconds for each wait on the way to a host' },
  });
}

/** The hosts that the command line names, in the order of the inventory. Throws OrchErrors for wrong input. */
export function inventoryTargets(args: Readonly<Record<string, unknown>>): readonly Target[] {
  const { inventory, errors } = loadInventory(inventorySources(args.inventory));
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

function inventorySources(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.length > 0) return given.map(String);
  if (readState()?.complete) return [files.inventory()];
  throw new OrchError({
    code: 'invalid-option',
    summary: 'No inventory is named, and no testbed is up.',
    hint: 'Name one with -i, or start a testbed: orch testbed up',
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
    check: false,
    diff: false,
    playbookDir: process.cwd(),
  });
  return createScope([varsLayer(inventory.hosts.get(host)?.vars ?? new Map()), magic]);
}
